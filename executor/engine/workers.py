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


class Workers:
    """`do` runs a function in a thread of its own and then calls back in the engine's thread."""

    def __init__(self) -> None:
        self._mail: queue.SimpleQueue[Mail] = queue.SimpleQueue()
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
        self._busy += 1

        def work() -> None:
            try:
                result = function()
            except BaseException as error:
                caught = error
                _log.debug("a worker failed", exc_info=True)
                self.post(lambda: self._back(lambda: failed(caught)))
            else:
                self.post(lambda: self._back(lambda: then(result)))

        threading.Thread(target=work, daemon=True, name="nodegraph-worker").start()

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

    def _back(self, mail: Mail) -> None:
        self._busy -= 1
        mail()
