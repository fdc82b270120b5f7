"""A host that shares no files with the servers: an engine of its own, and what is left there in the end."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from executor.launchers.docker.boxes import Mount
from executor.launchers.docker.engine import DockerEngine
from executor.launchers.docker.shared import Shared
from executor.launchers.docker.streaming.files import StreamedFiles
from executor.launchers.docker.streaming.volume import volume_name
from executor.services.workspace import Workspace
from executor.store.digests import digest_of, entry_of, scan
from tests.executor.docker.own_engine import OwnEngine, make_certificates, short_folder

HOST = "gpu2"


@contextmanager
def other_host(image: str) -> Iterator[OwnEngine]:
    """An engine that is reached by TLS and has this image."""
    with tempfile.TemporaryDirectory(prefix="nodegraph-tls-") as folder, short_folder() as own:
        engine = OwnEngine(own, make_certificates(Path(folder) / "certificates"))
        try:
            engine.have(image)
            yield engine
        finally:
            engine.end()


def take_in(space: Workspace, engine: OwnEngine) -> None:
    """Have nodes run there too."""
    view = space.hosts.add(HOST, engine.tls_address, tls=engine.tls)
    assert view.state == "ready", view.reason


def mount(ledger: Path) -> None:
    """Containers may write to the ledger, on either host: in truth the other one is on this machine."""
    for kind in (Shared, StreamedFiles):
        usual = kind.mounts

        def mounts(*args: object, usual=usual) -> list[Mount]:
            return [*usual(*args), Mount(ledger, writable=True)]

        kind.mounts = mounts  # type: ignore[method-assign, assignment]


def left_in_volume(data: Path, address: str) -> list[str]:
    """What of attempts that have ended, and of transfers, still lies in the volume there."""
    volume = _volume(data, address)
    attempts = [path for path in volume.glob("runs/*/*/*") if path.name != "resume"]
    forgotten = [path for path in (*volume.glob("runs/*/*/resume"), *volume.glob("resume/*"))
                 if not (data / path.relative_to(volume)).exists()]  # fmt: skip
    found = [*attempts, *forgotten, *volume.glob("incoming/*")]
    return [f"{HOST}: {path.relative_to(volume)}" for path in found]


def damaged_in_volume(data: Path, address: str) -> list[str]:
    """Artifacts there that are not what their name says."""
    found = []
    for used in _volume(data, address).glob("artifacts/*/*.used"):
        folder = used.with_suffix("")
        if digest_of(entry_of(path, folder) for path in scan(folder)) != folder.name:
            found.append(f"{HOST}: {folder.name} is not what it should be")
    return found


def _volume(data: Path, address: str) -> Path:
    """It lies on this machine, for the host is none."""
    owner = (data / "docker" / "id").read_text()
    with DockerEngine(address).asked() as client:
        return Path(client.inspect_volume(volume_name(owner))["Mountpoint"])
