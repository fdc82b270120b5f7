"""Hosts whose engines are their own: asked by TLS, killed, started again with a runtime for GPUs."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from executor.hosts import probing
from executor.launchers.docker.engine import DockerEngine
from tests.executor.docker.own_engine import OwnEngine, make_certificates, needs_dockerd, short_folder
from tests.executor.docker.support import SMALL
from tests.executor.support import until, workspace

pytestmark = [pytest.mark.docker, needs_dockerd]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[OwnEngine]:
    with short_folder() as folder:
        made = OwnEngine(folder, make_certificates(tmp_path / "certificates"))
        made.have(SMALL)
        yield made
        made.end()


def no_container(engine: OwnEngine) -> bool:
    with DockerEngine(engine.address).asked() as client:
        return client.containers(all=True) == []


def test_an_engine_by_tls_is_seen_to_go_and_to_come_back(
    tmp_path: Path, engine: OwnEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a look left there that was killed before it began is removed by the next."""
    monkeypatch.setattr(probing, "_FORGOTTEN_SECONDS", -5)
    with DockerEngine(engine.address).asked() as client:
        client.create_container(SMALL, ["true"], labels={"nodegraph.look": "1"})
    with workspace(tmp_path, engine=False) as space:
        found = space.hosts.add("far", engine.tls_address, tls=engine.tls)
        assert (found.state, found.reason) == ("ready", "")
        assert 0 < found.disk_free_gb < found.disk_gb, "a container has looked at its disk"
        until(lambda: no_container(engine))

        engine.down(signal.SIGKILL)
        (gone,) = space.hosts.check("far")
        assert (gone.state, gone.engine) == ("unreachable", found.engine)
        assert gone.reason

        # Now it says that it hands out GPUs, and has none to show.
        engine.up("--add-runtime", f"nvidia={shutil.which('runc')}")
        (back,) = space.hosts.check("far")
        assert (back.state, back.gpus) == ("ready", [])
        assert back.reason == "its engine hands out GPUs, but none could be seen"
        until(lambda: no_container(engine))

        space.hosts.update("far", gpus=["2xT4:16"])
        (declared,) = space.hosts.check("far")
        assert (declared.declared, len(declared.gpus)) == (True, 2)
