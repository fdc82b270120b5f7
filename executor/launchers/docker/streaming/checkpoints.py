"""Checkpoints on their way between this machine and hosts: the newer win; nobody starts before they came."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from executor.launchers.base import Say

_TICK = 0.5
_coming: dict[Path, threading.Event] = {}


def coming(folder: Path) -> threading.Event:
    """From now on checkpoints are on their way into a folder, until the event is set."""
    event = _coming[folder] = threading.Event()
    return event


def wait_for_checkpoints(folder: Path, say: Say) -> None:
    """Wait until checkpoints that are on their way here have come. Cancelled of `say` passes."""
    event = _coming.get(folder)
    while event is not None and not event.wait(_TICK):
        say("Waiting for the checkpoints of the attempt before.")


def differing(
    here: dict[str, Path], there: dict[str, list[float]], *, checkpoints: bool
) -> tuple[dict[str, Path], set[str]]:
    """The files to send, and the names of all that are to be there; `there` are sizes and times by name.

    Of checkpoints, those of the host stay where they are newer: an attempt that was cut off wrote them.
    """
    stats = {name: path.stat() for name, path in here.items()}
    if checkpoints and here and there:
        newest = max(time for _, time in there.values())
        if newest > max(found.st_mtime for found in stats.values()) + 1.0:
            return {}, {name for name, (size, _) in there.items() if size >= 0}
    changed = {name: path for name, path in here.items() if not _same(stats[name], there.get(name))}
    return changed, set(here)


def _same(here: os.stat_result, there: list[float] | None) -> bool:
    if there is None or there[0] != here.st_size:
        return False
    # What came from a host has lost the parts of a second.
    came = here.st_mtime == int(here.st_mtime) and int(there[1]) == int(here.st_mtime)
    return came or abs(there[1] - here.st_mtime) < 0.001
