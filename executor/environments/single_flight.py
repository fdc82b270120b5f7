"""One at a time: of all who want to make the same thing, in any process, one makes it and the others wait."""

from __future__ import annotations

import contextlib
import fcntl
import threading
from collections.abc import Iterator
from pathlib import Path

from executor.launchers.base import Say

_TICK = 0.5


@contextlib.contextmanager
def single_flight(target: Path, say: Say) -> Iterator[None]:
    """Hold the lock of what is to be made; whoever comes second waits, and finds it made."""
    with target.with_name(f".{target.name}.lock").open("w") as lock:
        waiting = False
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                say("" if waiting else "Another node is making this environment; waiting for it.")
                waiting = True
                threading.Event().wait(_TICK)
        yield
