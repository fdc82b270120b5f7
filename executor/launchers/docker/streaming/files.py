"""The files of attempts on a host that shares none with this machine: sent before, kept or removed after."""

from __future__ import annotations

import hashlib
import json
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from executor.environments.following import attend
from executor.hosts.model import Host
from executor.launchers.base import EVENTS, LOG, AttemptSpec, Say
from executor.launchers.docker import boxes
from executor.launchers.docker.boxes import Mount
from executor.launchers.docker.container import OWNER
from executor.launchers.docker.engine import DockerEngine
from executor.launchers.docker.streaming.checkpoints import (
    are_left_on,
    differing,
    here_of,
    leave_on,
    newer_there,
    wait_for_checkpoints,
)  # fmt: skip
from executor.launchers.docker.streaming.held import Held
from executor.launchers.docker.streaming.packing import Item, LocalTrouble, files_of, tree
from executor.launchers.docker.streaming.sending import Sending
from executor.launchers.docker.streaming.tracing import MARK
from executor.launchers.docker.streaming.troubles import damaged, no_room
from executor.launchers.docker.streaming.volume import MARGIN, Volume
from executor.store.digests import digest_of, entry_of, scan

_STORED = "stored.json"
# How long an attempt that was prepared may take to start.
_RESERVED_SECONDS = 600.0


class StreamedFiles:
    """What attempts of one data directory read and write on one host. Methods raise LaunchError."""

    def __init__(
        self, host: Callable[[], Host | None], root: Path, engine: DockerEngine, volume: Volume, held: Held
    ) -> None:
        self._host = host
        self._root = root
        self._engine = engine
        self._volume = volume
        self._held = held
        self._turn = threading.Lock()
        self._keeping = threading.Lock()
        self._came: dict[Path, dict[str, int]] = {}
        # How many bytes of files have gone there.
        self.sent = 0
        self._reserved: dict[Path, tuple[float, set[str]]] = {}
        self._parcels: dict[Path, str] = {}

    def send(self, spec: AttemptSpec, code: Path, say: Say) -> None:
        """Have on the host what an attempt reads: only what is not there yet goes. Cancelled passes."""
        sending = Sending(self._engine.host)
        wait_for_checkpoints(Path(spec.job.resume_dir), say)
        wanted = self._wanted(spec, code)
        self._reserved[spec.directory] = (time.monotonic(), {_place(digest) for digest in wanted})

        def work() -> None:
            with self._turn:
                self._send(wanted, self._folders(spec), sending)

        try:
            attend(work, say, sending.sentence)
        except LocalTrouble as trouble:
            raise trouble.error from trouble
        finally:
            sending.cancelled = True

    def lay_out(self, spec: AttemptSpec, code: Path) -> None:
        """Make the folders and files of an attempt there, and here what says that they are there."""
        (spec.directory / MARK).write_text(json.dumps({"disk_gb": spec.resources.disk_gb}))
        (spec.directory / boxes.RETURNED).mkdir(exist_ok=True)
        leave_on(self._engine.host, Path(spec.job.resume_dir))
        items = []
        for piece in boxes.pieces(spec, code):
            owner = boxes.STRANGER if piece.given else 0
            content = None if piece.text is None else piece.text.encode()
            items.append(Item(self.place(piece.path), None, content, piece.mode, owner))
            if piece.path.parent == spec.directory / boxes.SENT and content is not None:
                # By which the end of an attempt is told from that of an image of its own.
                piece.path.parent.mkdir(exist_ok=True)
                piece.path.write_bytes(content)
        for name in (LOG, EVENTS):
            (spec.directory / name).touch()
        self._volume.put(items)

    def started(self, directory: Path) -> None:
        """The attempt's container holds what it reads from now on."""
        self._reserved.pop(directory, None)

    def mounts(self, spec: AttemptSpec, code: Path, mounts: list[Mount]) -> list[Mount]:
        """What the container is to see, from where it lies on the host."""
        sources = {path: f"{_file_folder(path)}/{path.name}" for path in spec.files}
        sources[code] = _place(self._digest(code))
        return [
            Mount(
                mount.path,
                mount.writable,
                f"{self._volume.mountpoint}/{sources.get(mount.path) or self.place(mount.path)}",
            )
            for mount in mounts
        ]

    def place(self, path: Path) -> str:
        """Where something of the data directory lies in the volume."""
        return path.relative_to(self._root).as_posix()

    def put_away(self, directory: Path) -> None:
        """Keep the outputs of an attempt that were kept here, for who reads them there; remove the rest.

        Its checkpoints stay unless it succeeded: they may still be on their way here.
        """
        self.started(directory)
        folders = [self.place(directory)]
        if (directory / _STORED).exists():
            folders.append(self.place(Path(boxes.job_of(directory).resume_dir)))
        with self._keeping:
            self._keep([directory], None, folders)
            self._came.pop(directory, None)

    def came(self, directory: Path, outputs: list[Path]) -> None:
        """The outputs of an attempt are here now, and still there."""
        self._came[directory] = {
            path.name: sum(file.stat().st_size for file in scan(path)) for path in outputs
        }

    def remove(self, places: list[str]) -> None:
        """Remove the folders of attempts that nobody wants any more."""
        self._volume.ask("keep", items=[], folders=places)

    def holds(self, digests: Collection[str]) -> int:
        """How many bytes of these artifacts are known to be there."""
        wanted = set(digests)
        latest = {
            digest: self._came.get(directory, {}).get(port, 0)
            for directory in list(self._came)
            for port, digest in _stored(directory).items()
            if digest in wanted
        }
        return self._held.of(wanted - latest.keys()) + sum(max(1, size) for size in latest.values())

    def _keep(self, directories: list[Path], wanted: Collection[str] | None, folders: list[str]) -> set[str]:
        """Make outputs of attempts artifacts there, all or those that are wanted; those that are now."""
        items = [
            {"folder": f"{self.place(directory)}/out/{port}", "digest": digest}
            for directory in directories
            for port, digest in _stored(directory).items()
            if wanted is None or digest in wanted
        ]
        if not items and not folders:
            return set()
        answer, _ = self._volume.ask("keep", items=items, folders=folders, **self._bounds())
        self._held.change(answer["kept"], answer["gone"])
        return set(answer["kept"])

    def _send(self, wanted: dict[str, Path], folders: dict[str, Path], sending: Sending) -> None:
        sending.check()
        with self._keeping:
            found, _ = self._volume.ask("look", artifacts=list(wanted), folders=list(folders))
            lacking = wanted.keys() - set(found["have"])
            # Made there, and not put away yet.
            lacking -= self._keep(list(self._came), lacking, [])
        items, arrivals = list(self._stale(found["listings"], folders)), []
        for digest in lacking:
            name = uuid.uuid4().hex
            arrivals.append({"name": name, "digest": digest})
            items += tree(f"incoming/{name}", wanted[digest])
        sending.total = sum(item.source.stat().st_size for item in items if item.source)
        if sending.total + MARGIN > found["free"]:
            raise no_room(self._engine.host, sending.total, found["free"])
        if items:
            self._volume.put(items, sending.count)
            self.sent += sending.total
        if arrivals:
            sending.checks = True
            answer, _ = self._volume.ask("take", items=arrivals, **self._bounds())
            if answer["damaged"]:
                raise damaged(self._engine.host, answer["damaged"][0])
            sizes = {digest: sum(path.stat().st_size for path in scan(wanted[digest]))
                     for digest in (item["digest"] for item in arrivals)}  # fmt: skip
            self._held.change(sizes, answer["gone"])

    def _stale(self, listings: dict[str, dict[str, list[float]]], folders: dict[str, Path]) -> Iterator[Item]:
        """The files that are not there as they are here; what is there and not here is removed first."""
        clear = {}
        for folder, local in folders.items():
            is_file, there = folder.startswith("files/"), listings[folder]
            here = _named(local) if is_file else here_of(local)
            if not is_file and (are_left_on(self._engine.host, local) or newer_there(here, there)):
                here = {}
                wanted = {name for name, (size, _) in there.items() if size >= 0}
            else:
                here, wanted = differing(here, there)
            if there.keys() - wanted or any(size < 0 for size, _ in there.values()):
                clear[folder] = sorted(wanted)
            yield from files_of(folder, here, 0 if is_file else boxes.STRANGER)
        if clear:
            self._volume.ask("clear", folders=clear)

    def _wanted(self, spec: AttemptSpec, code: Path) -> dict[str, Path]:
        """The artifacts that an attempt reads, by digest."""
        inputs = {item.digest: Path(item.path) for items in spec.job.inputs.values() for item in items}
        related = {digest: Path(path) for digest, path in spec.job.related.items()}
        return inputs | related | ({self._digest(code): code} if spec.own_image is None else {})

    def _folders(self, spec: AttemptSpec) -> dict[str, Path]:
        """What may have changed since it was sent last: files that parameters name, and checkpoints."""
        named = {_file_folder(path): path for path in spec.files}
        resume = Path(spec.job.resume_dir)
        return named | {self.place(resume): resume}

    def _digest(self, code: Path) -> str:
        if code not in self._parcels:
            self._parcels[code] = digest_of(entry_of(path, code) for path in scan(code))
        return self._parcels[code]

    def _bounds(self) -> dict[str, Any]:
        """How much may stay there, and what is in use."""
        host = self._host()
        with self._engine.asked() as client:
            found = client.containers(all=True, filters={"label": f"{OWNER}={self._volume.owner}"})
        top = f"{self._volume.mountpoint}/"
        sources = [mount.get("Source") or "" for one in found for mount in one.get("Mounts") or ()]
        used = {_cached(source.removeprefix(top)) for source in sources if source.startswith(top)}
        now = time.monotonic()
        for since, places in list(self._reserved.values()):
            used |= places if now - since < _RESERVED_SECONDS else set()
        return {"limit": round((host.cache_gb if host else 200.0) * 1e9), "in_use": sorted(used)}


def _stored(directory: Path) -> dict[str, str]:
    """The digests by which the outputs of an attempt were kept here, by port."""
    try:
        found: dict[str, str] = json.loads((directory / _STORED).read_bytes())
    except (OSError, ValueError):
        return {}
    return found


def _named(path: Path) -> dict[str, Path]:
    """A file, or the files of a folder, by their names below where it lies."""
    found = [path] if path.is_file() else scan(path)
    return {str(file.relative_to(path.parent)): file for file in found}


def _place(digest: str) -> str:
    return f"artifacts/{digest[:2]}/{digest}"


def _cached(place: str) -> str:
    """What of a path in the volume is kept or removed as one."""
    return "/".join(place.split("/")[: 3 if place.startswith("artifacts/") else 2])


def _file_folder(path: Path) -> str:
    return f"files/{hashlib.sha256(str(path).encode('utf-8', 'surrogateescape')).hexdigest()[:24]}"
