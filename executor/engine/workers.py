"""Threads for what takes time (hashing, starting, stopping); results come back to the engine's thread."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
Mail = Callable[[], None]

_log = logging.getLogger(__name__)


# A thread that had nothing to do for so long ends: a fan of a thousand nodes leaves no thousand threads.
_IDLE_SECONDS = 10.0


class Workers:
    """`do` runs a function in a thread and then calls back in the engine's thread.

    There is no limit to what runs at once, for much of it only waits; a thread that is free is used again,
    since starting one takes longer than most of what it does.
    """

    def __init__(self) -> None:
        self._mail: queue.SimpleQueue[Mail] = queue.SimpleQueue()
        self._tasks: queue.SimpleQueue[Mail] = queue.SimpleQueue()
        self._free = 0
        self._counting = threading.Lock()
        self._busy = 0

    @property
    def busy(self) -> int:
        """How many functions have not come back yet."""
        return self._busy

    def do(
        self,
        function: Callable[[], Result],
        then: Callable[[Result], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Run `function` in a thread; call `then` with its result, or `failed` with what it raised.

        Daemon threads: a process that is told to end does not wait for a large file to be hashed.
        """

        def work() -> None:
            try:
                result = function()
            except BaseException as error:
                caught = error
                _log.debug("a worker failed", exc_info=True)
                self.post(lambda: self._back(lambda: failed(caught)))
            else:
                self.post(lambda: self._back(lambda: then(result)))

        self._hand_over(work)

    def clean(self, function: Callable[[], object]) -> None:
        """Run `function` in a thread; nobody waits for it, so the engine's thread is not woken by its end."""

        def work() -> None:
            try:
                function()
            except BaseException:
                _log.debug("a worker failed", exc_info=True)
            with self._counting:
                self._busy -= 1

        self._hand_over(work)

    def _hand_over(self, work: Mail) -> None:
        with self._counting:
            self._busy += 1
            reused = self._free > 0
            self._free -= reused
        self._tasks.put(work)
        if not reused:
            threading.Thread(target=self._serve, daemon=True, name="nodegraph-worker").start()

    def post(self, mail: Mail) -> None:
        """Have `mail` called in the engine's thread, soon; from any thread."""
        self._mail.put(mail)

    def deliver(self, timeout: float) -> None:
        """Call what came back; waits for the first at most `timeout` seconds."""
        until = time.monotonic() + timeout
        try:
            mail = self._mail.get(timeout=max(0.0, until - time.monotonic()))
            while True:
                try:
                    mail()
                except Exception:
                    _log.exception("the engine could not handle a result")
                mail = self._mail.get_nowait()
        except queue.Empty:
            return

    def _serve(self) -> None:
        """Work until there was nothing to do for a while; whoever counts as free has a task coming."""
        while True:
            try:
                task = self._tasks.get(timeout=_IDLE_SECONDS)
            except queue.Empty:
                with self._counting:
                    if self._free > 0:
                        self._free -= 1
                        return
                continue
            task()
            del task  # what it has brought back is not to wait here for the next
            with self._counting:
                self._free += 1

    def _back(self, mail: Mail) -> None:
        with self._counting:
            self._busy -= 1
        mail()
