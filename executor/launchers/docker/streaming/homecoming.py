"""Brings home what an attempt on a host left: outputs, preview, checkpoints, at last its exit status.

The status comes last, so that it is here only where all else is; its time is that of the attempt's end there.
"""

from __future__ import annotations

import logging
import os
import shutil
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from executor.launchers.base import EVENTS, Cancelled, LaunchError, Wanted
from executor.launchers.docker import boxes
from executor.launchers.docker.boxes import RETURNED
from executor.launchers.docker.streaming.checkpoints import coming
from executor.launchers.docker.streaming.files import StreamedFiles
from executor.launchers.docker.streaming.mirror import Layers, Mirror
from executor.launchers.docker.streaming.packing import LocalTrouble
from executor.launchers.docker.streaming.tracing import Small, Traced
from executor.launchers.docker.streaming.unpacking import unpack
from executor.launchers.docker.streaming.volume import Volume
from executor.launchers.docker.wrapper import EXIT_FILE, OOM_FILE, PREVIEW_FILE
from nodegraph.errors import NodeGraphError
from nodegraph.events import Done, decode

_log = logging.getLogger(__name__)
_ARRIVING = "arriving"
_TAIL = 1 << 16


class Homecoming:
    """Fetches from one host. `ended(directory)` waits until an attempt's container writes no more.

    `layers` are the bytes that the containers of attempts hold beside what is mounted.
    """

    def __init__(
        self, volume: Volume, files: StreamedFiles, ended: Callable[[Path], None], layers: Layers
    ) -> None:
        self._volume = volume
        self._files = files
        self._ended = ended
        self.mirror = Mirror(volume, files.place, self.bring, layers)

    def bring(self, traced: Traced) -> None:
        """All that an attempt left. Raises LaunchError, LocalTrouble's cause as one of storage; Cancelled."""
        try:
            self._all(traced)
        except LocalTrouble as trouble:
            said = trouble.error.strerror or str(trouble.error)
            message = f"What the node made could not be written here: {said}."
            hint = "Free space or mend the disk, then run again: what is done is kept."
            raise LaunchError("storage", message, hint) from trouble
        except tarfile.TarError as error:
            message = f"What the node made did not arrive whole: {error}."
            raise LaunchError("infrastructure", message, "Retry the node.") from error

    def _all(self, traced: Traced) -> None:
        directory = traced.directory
        self._ended(directory)
        names = (PREVIEW_FILE, OOM_FILE, EXIT_FILE)
        came = self.mirror.catch_up(traced, [f"{traced.place}/{RETURNED}/{name}" for name in names])
        found = {path.rpartition("/")[2]: file for path, file in came.items()}
        status = found.pop(EXIT_FILE, None)
        job = boxes.job_of(directory)
        if status is not None and (status.content.strip() == b"0" or _is_done(directory)):
            for port in job.outputs:
                place, target = f"{traced.place}/out/{port}", Path(job.output_dir, port)
                self._folder(place, target, directory, lambda: not traced.dropped)
            self._files.came(directory, [Path(job.output_dir, port) for port in job.outputs])
        else:
            self._checkpoints(Path(job.resume_dir), directory)
        for name, small in found.items():
            _put(directory / RETURNED / name, small)
        if status is not None:
            _put(directory / RETURNED / EXIT_FILE, status)

    def _folder(self, place: str, target: Path, directory: Path, wanted: Wanted = lambda: True) -> None:
        """Replace a folder here by the one there, as one step; nothing changes where there is none."""
        arriving = directory / _ARRIVING / target.name
        shutil.rmtree(arriving, ignore_errors=True)

        def come(chunks: Iterator[bytes]) -> None:
            unpack(_while_wanted(chunks, wanted), arriving)

        try:
            found = self._volume.get(place, come)
        except BaseException:
            shutil.rmtree(arriving, ignore_errors=True)
            raise
        if found:
            shutil.rmtree(target, ignore_errors=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            arriving.rename(target)

    def _checkpoints(self, resume: Path, directory: Path) -> None:
        """In the background: they may be large, and the attempt has failed. The next one waits for them."""
        event = coming(resume)

        def fetch() -> None:
            try:
                self._folder(self._files.place(resume), resume, directory)
            except (NodeGraphError, LocalTrouble, OSError, tarfile.TarError):
                _log.warning("the checkpoints %s could not be brought", resume, exc_info=True)
            finally:
                event.set()

        threading.Thread(target=fetch, daemon=True, name="nodegraph-checkpoints").start()


def _while_wanted(chunks: Iterator[bytes], wanted: Wanted) -> Iterator[bytes]:
    for chunk in chunks:
        if not wanted():
            raise Cancelled
        yield chunk


def _is_done(directory: Path) -> bool:
    """Whether the node said so: then its outputs count, however its process ended."""
    with (directory / EVENTS).open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - _TAIL))
        lines = file.read().split(b"\n")
    return any(isinstance(decode(line), Done) for line in lines if line)


def _put(path: Path, small: Small) -> None:
    temporary = path.with_name(f"{path.name}.new")
    temporary.write_bytes(small.content)
    os.utime(temporary, (small.written, small.written))
    temporary.replace(path)
