"""Looking at hosts: those that answer, those that do not, and those that come back."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from executor.hosts import keeping
from executor.launchers.docker.engine import DockerEngine
from executor.services.workspace import Workspace
from nodegraph.errors import Conflict
from tests.executor.hosts.support import Line, Silent
from tests.executor.support import until, workspace

pytestmark = pytest.mark.docker


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    with tempfile.TemporaryDirectory(prefix="ng-", dir="/var/tmp") as folder:
        made = Silent(Path(folder))
        yield made
        made.close()


def state(space: Workspace, name: str) -> tuple[str, str]:
    view = space.hosts.get(name)
    return view.state, view.reason


def left_over(line: Line) -> list[str]:
    """Of the containers that were asked for over this line, those that are still there.

    There is one where GPUs may be seen; the disk of this machine is looked at without.
    """
    return [name for name in line.looks() if DockerEngine().container(name) is not None]


def test_a_look_finds_engine_cores_memory_and_disk_and_leaves_no_container(tmp_path, line):
    with workspace(tmp_path, engine=False) as space:
        view = space.hosts.add("second", line.address)
        with DockerEngine().asked() as client:
            said = client.info()
        assert (view.state, view.reason, view.engine) == ("ready", "", said["ServerVersion"])
        assert (view.cpus, view.memory_gb) == (said["NCPU"], pytest.approx(said["MemTotal"] / 2**30))
        assert 0 < view.disk_free_gb < view.disk_gb
        assert view.checked is not None
        until(lambda: not left_over(line))


def test_this_machine_keeps_its_cores_and_gets_an_engine(tmp_path):
    with workspace(tmp_path, engine=False, cores=3) as space:
        assert space.hosts.get("local").engine == ""
        (view,) = space.hosts.check("local")
        assert (view.state, view.cpus) == ("ready", 3)
        assert view.engine and view.disk_gb
        assert view.memory_gb == pytest.approx(psutil.virtual_memory().total / 2**30)


def test_this_machine_is_no_worse_without_an_engine(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing.sock")
    with workspace(tmp_path, engine=False) as space:
        (view,) = space.hosts.check()
        assert (view.name, view.state, view.engine) == ("local", "ready", "")


def test_a_host_that_is_cut_off_is_unreachable_until_it_answers(tmp_path, line):
    with workspace(tmp_path, engine=False) as space:
        found = space.hosts.add("second", line.address)
        line.cut()
        (gone,) = space.hosts.check("second")
        assert (gone.state, gone.reason) == ("unreachable", "there is no such socket")
        assert (gone.cpus, gone.engine) == (found.cpus, found.engine), "what it has is still known"
        line.join()
        assert [(view.name, view.state) for view in space.hosts.check("second")] == [("second", "ready")]


def test_a_host_that_says_nothing_holds_up_nobody(tmp_path, line, silent, monkeypatch):
    monkeypatch.setattr(keeping, "LONGEST_SECONDS", 3.0)
    with workspace(tmp_path, engine=False) as space:
        space.hosts.add("mute", silent.address, check=False)
        space.hosts.add("second", line.address, check=False)
        found = {view.name: view for view in space.hosts.check()}
        assert found["second"].state == "ready"
        assert found["mute"].state == "unreachable"
        assert found["mute"].reason == "no word for 3 s"


def test_a_server_looks_at_new_hosts_at_once_and_at_all_of_them_again(tmp_path, line, monkeypatch):
    monkeypatch.setattr(keeping, "EVERY_SECONDS", 2.0)
    with workspace(tmp_path) as server, workspace(tmp_path, engine=False) as client:
        client.hosts.add("second", line.address, check=False)
        assert state(client, "second") == ("unknown", "")
        until(lambda: state(server, "second") == ("ready", ""))
        line.cut()
        until(lambda: state(server, "second")[0] == "unreachable")
        line.join()
        until(lambda: state(server, "second") == ("ready", ""))


def test_one_engine_under_two_names_is_used_under_one(tmp_path):
    """It is refused where it is added, and not used where only a later look can tell."""
    address, line = f"unix://{DockerEngine().socket}", Line(same=True)
    with workspace(tmp_path, engine=False) as space:
        with pytest.raises(Conflict, match=f"The engine at {address} is that of the host local already"):
            space.hosts.add("second", address)
        assert [view.name for view in space.hosts.list()] == ["local"]
        line.cut()
        assert space.hosts.add("third", line.address).state == "unreachable"
        line.join()
        (view,) = space.hosts.check("third")
        assert view.state == "refused" and "the engine of the host local too" in view.reason
        assert [host.name for host in space.inventory.for_launcher("docker")] == ["local"]
        view = space.hosts.update("third", address="unix:///var/tmp/nobody.sock")
        assert view.state == "unreachable"
    line.close()


def test_an_engine_that_stops_and_starts_again_goes_on_looking(tmp_path, line):
    with workspace(tmp_path) as space:
        space.stop_engine()
        space.hosts.add("second", line.address, check=False)
        space.start_engine()
        until(lambda: state(space, "second")[0] == "ready")
