"""How much runs at once: a bounded number of generations, a bounded queue behind them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from nodes.deploy._server.errors import ApiError
from nodes.deploy._server.service import Limits


class Gate:
    """Lets at most `max_concurrency` generations run and `queue` wait; more are turned away with 429."""

    def __init__(self, limits: Limits) -> None:
        self.active = 0
        self.waiting = 0
        self.served = 0
        self.last_busy = time.monotonic()
        self._limits = limits
        self._free = asyncio.Semaphore(limits.max_concurrency)
        self._threads = ThreadPoolExecutor(limits.max_concurrency, thread_name_prefix="generate")

    async def enter(self) -> None:
        """Wait for a place; `run` gives it back."""
        if self._free.locked() and self.waiting >= self._limits.queue:
            raise ApiError(
                429,
                f"{self.active} requests run and {self.waiting} wait; that is all this service takes. "
                "Try again in a moment.",
                "rate_limit_exceeded",
            )
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        self.active += 1

    def run(self, work: Callable[[], None]) -> None:
        """Run `work` in a thread; the place is free again when it has ended, not when its reader has gone."""
        loop = asyncio.get_running_loop()
        future = self._threads.submit(work)
        future.add_done_callback(lambda _: _call(loop, self._leave))

    def idle_seconds(self) -> float:
        """How long nothing has been generated; 0 while something is."""
        return 0.0 if self.active or self.waiting else time.monotonic() - self.last_busy

    def _leave(self) -> None:
        self.active -= 1
        self.served += 1
        self.last_busy = time.monotonic()
        self._free.release()


def _call(loop: asyncio.AbstractEventLoop, function: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(function)
