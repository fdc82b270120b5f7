"""What tests of hosts that share no files have in common: one such host, `gpu2`, and what lies on it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from executor.launchers.docker.engine import DockerEngine
from executor.launchers.docker.streaming.files import StreamedFiles
from executor.services.workspace import Workspace
from tests.executor.docker.own_engine import OwnEngine
from tests.executor.docker.support import owner
from tests.executor.support import until

FAR = "gpu2"


def only_far(space: Workspace, engine: OwnEngine, address: str = "", **more: Any) -> None:
    """From now on nodes in containers run on that host, and nowhere else."""
    if not any(host.name == FAR for host in space.hosts.list()):
        more = {"tls": engine.tls, **more} if not address else more
        view = space.hosts.add(FAR, address or engine.tls_address, **more)
        assert view.state == "ready", view.reason
    space.hosts.drain("local")


def files(space: Workspace) -> StreamedFiles:
    """The files of the host, as the server knows them."""
    return space.docker_fleet._on(FAR)._remote.files


def there(tmp_path: Path, engine: OwnEngine, role: str = "") -> list[dict[str, Any]]:
    """The containers of attempts on the host, as its engine describes them."""
    far = DockerEngine(engine.address)
    with far.asked() as client:
        found = client.containers(all=True, filters={"label": f"nodegraph.data={owner(tmp_path)}"})
    found = [one for one in found if one["Labels"].get("nodegraph.role", "") == role]
    return [described for one in found if (described := far.container(one["Id"])) is not None]


def running_there(tmp_path: Path, engine: OwnEngine) -> dict[str, Any]:
    """Wait for the one container that runs there."""

    def look() -> dict[str, Any] | None:
        found = [one for one in there(tmp_path, engine) if one["State"]["Status"] == "running"]
        return found[0] if found else None

    container: dict[str, Any] = until(look)
    return container


def volume(tmp_path: Path, engine: OwnEngine) -> Path:
    """What the host keeps of this data directory; it lies on this machine, for the host is none."""
    with DockerEngine(engine.address).asked() as client:
        return Path(client.inspect_volume(f"nodegraph-{owner(tmp_path)}")["Mountpoint"])


def go_on(tmp_path: Path, engine: OwnEngine, attempt: str = "1/a/1") -> None:
    """Let a script go on that waits for the file `go`."""
    (volume(tmp_path, engine) / "runs" / attempt / "scratch/go").touch()


def found_in(folder: Path, words: str) -> list[str]:
    """The files below a folder that hold these words."""
    command = ["grep", "-rlaF", words, str(folder)]
    return subprocess.run(command, capture_output=True, text=True).stdout.split()
