"""Every test here needs an engine; those with toy node types also the image of the environment `base`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.executor.docker.own_engine import OwnEngine, make_certificates, short_folder
from tests.executor.docker.support import SMALL, engine, made_base_image, owner


@pytest.fixture(scope="session")
def base_image() -> str:
    return made_base_image()


@pytest.fixture(scope="session")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnEngine]:
    """An engine that stands for another host: by TLS, and nothing is shared with it."""
    certificates = make_certificates(tmp_path_factory.mktemp("tls") / "certificates")
    with short_folder() as folder:
        made = OwnEngine(folder, certificates)
        made.have(SMALL)
        yield made
        made.end()


@pytest.fixture(autouse=True)
def sweep(tmp_path: Path):
    """Whatever a test that fails leaves behind."""
    yield
    mine = owner(tmp_path)
    if mine:
        with engine().asked() as client:
            left = client.containers(all=True, filters={"label": f"nodegraph.data={mine}"})
            for container in left:
                engine().remove(container["Id"])
            for volume in client.volumes({"label": f"nodegraph.data={mine}"})["Volumes"] or ():
                client.remove_volume(volume["Name"])
