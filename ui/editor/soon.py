"""Work that is done soon, however often it is asked for: once for many changes, never twice at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

_log = logging.getLogger(__name__)


class Soon:
    """Calling it does `work` at most `seconds` later, on the event loop that is running then."""

    def __init__(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        self._seconds = seconds
        self._work = work
        self._timer: asyncio.TimerHandle | None = None
        self._doing = asyncio.Lock()

    def __call__(self) -> None:
        """Ask for it."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._seconds, lambda: loop.create_task(self.now()))

    async def now(self) -> None:
        """Do it now, after what is being done already."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        async with self._doing:
            try:
                await self._work()
            except Exception:
                _log.exception("Work in the background failed.")
