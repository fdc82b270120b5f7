"""Redrawing at once when it is quiet, and at most ten times a second when it is not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

_EVERY = 0.1


class Paced:
    """Calling it does `work` now or soon, on the event loop; `after` seconds later where others go first."""

    def __init__(self, work: Callable[[], None], *, after: float = 0.0) -> None:
        self._work = work
        self._after = after
        self._last = 0.0
        self._due: asyncio.TimerHandle | None = None

    def __call__(self, *, after: float = 0.0) -> None:
        """Ask for it; `after` as above, for this time."""
        wait = max(self._after, after, self._last + _EVERY - time.monotonic())
        if wait <= 0:
            self._do()
        elif self._due is None:
            self._due = asyncio.get_running_loop().call_later(wait, self._do)

    def now(self) -> None:
        """Do it without waiting: a person waits for the answer to what they did."""
        self._do()

    def _do(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
        self._last = time.monotonic()
        self._work()
