"""Checkpoints on their way between this machine and hosts: the newer win; nobody starts before they came."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from executor.launchers.base import Say
from executor.store.digests import scan

_TICK = 0.5
# In a folder of checkpoints here: the host that the last attempt ran on, until what it left there has come.
# It goes with the folder where checkpoints are forgotten on purpose.
_ON_HOST = ".on-host"
_coming: dict[Path, threading.Event] = {}


def coming(folder: Path) -> threading.Event:
    """From now on checkpoints are on their way into a folder, until the event is set."""
    event = _coming[folder] = threading.Event()
    return event


def leave_on(host: str, folder: Path) -> None:
    """From now on the checkpoints that belong into a folder are made on a host."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _ON_HOST).write_text(host)


def here_of(folder: Path) -> dict[str, Path]:
    """The checkpoints that are here, by their names in the folder."""
    return {str(path.relative_to(folder)): path for path in scan(folder) if path != folder / _ON_HOST}


def are_left_on(host: str, folder: Path) -> bool:
    """Whether none are here because those that the host has did not come."""
    try:
        return (folder / _ON_HOST).read_text() == host and not here_of(folder)
    except OSError:
        return False


def wait_for_checkpoints(folder: Path, say: Say) -> None:
    """Wait until checkpoints that are on their way here have come. Cancelled of `say` passes."""
    event = _coming.get(folder)
    while event is not None and not event.wait(_TICK):
        say("Waiting for the checkpoints of the attempt before.")


def differing(here: dict[str, Path], there: dict[str, list[float]]) -> tuple[dict[str, Path], set[str]]:
    """The files to send, and the names of all that are to be there; `there` are sizes and times by name."""
    stats = {name: path.stat() for name, path in here.items()}
    changed = {name: path for name, path in here.items() if not _same(stats[name], there.get(name))}
    return changed, set(here)


def newer_there(here: dict[str, Path], there: dict[str, list[float]]) -> bool:
    """Whether the checkpoints of the host are the newer ones: an attempt that was cut off wrote them."""
    if not here or not there:
        return False
    newest = max(time for _, time in there.values())
    return newest > max(path.stat().st_mtime for path in here.values()) + 1.0


def _same(here: os.stat_result, there: list[float] | None) -> bool:
    if there is None or there[0] != here.st_size:
        return False
    # What came from a host has lost the parts of a second.
    came = here.st_mtime == int(here.st_mtime) and int(there[1]) == int(here.st_mtime)
    return came or abs(there[1] - here.st_mtime) < 0.001
