"""Threads for what takes time (hashing, starting, stopping); results come back to the engine's thread.

Most of it is over within a millisecond, some of it waits for minutes. So one thread does one thing after
another while the engine waits, and only where it stays with one thing for long is it left to that, and the
engine goes on. Short things side by side would take longer: such threads mostly wait for each other.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
Mail = Callable[[], None]

_log = logging.getLogger(__name__)

# Whoever is busy with one thing for longer is left to it, and results wait no longer for those of others.
_LONG = 0.004
# How long results wait at most: what is committed together costs little more than one.
_TOGETHER = 0.02
# A thread that had nothing to do for so long ends: a fan of a thousand nodes leaves no thousand threads.
_IDLE_SECONDS = 10.0


class Workers:
    """`do` runs a function in a thread and then calls back in the engine's thread.

    There is no limit to what runs at once, for much of it only waits; a thread that is free is used again,
    since starting one takes longer than most of what it does.
    """

    def __init__(self) -> None:
        self._mail: queue.SimpleQueue[Mail] = queue.SimpleQueue()
        self._results: deque[Mail] = deque()
        self._tasks: deque[Mail] = deque()
        self._cleaning: deque[Mail] = deque()
        self._changing = threading.Lock()
        self._free: list[_Thread] = []
        self._first: _Thread | None = None
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
        """Run `function` in a thread, soon; call `then` with its result, or `failed` with what it raised.

        Daemon threads: a process that is told to end does not wait for a large file to be hashed.
        """

        def work() -> None:
            try:
                result = function()
            except BaseException as error:
                caught = error
                _log.debug("a worker failed", exc_info=True)
                self._results.append(lambda: self._back(lambda: failed(caught)))
            else:
                self._results.append(lambda: self._back(lambda: then(result)))

        self._hand_over(work, self._tasks)

    def clean(self, function: Callable[[], object]) -> None:
        """Run `function` in a thread when nothing else waits for one."""

        def work() -> None:
            try:
                function()
            except BaseException:
                _log.debug("a worker failed", exc_info=True)
            with self._changing:
                self._busy -= 1

        self._hand_over(work, self._cleaning)

    def post(self, mail: Mail) -> None:
        """Have `mail` called in the engine's thread, soon; from any thread."""
        self._mail.put(mail)

    def deliver(self, timeout: float) -> None:
        """Have done what was handed over, and call what came back; wait at most `timeout` seconds for it."""
        self._wait(timeout)
        with contextlib.suppress(queue.Empty):
            while True:
                _call(self._mail.get_nowait())
        while self._results:
            _call(self._results.popleft())

    def _wait(self, timeout: float) -> None:
        """Wait until something came back, and where short things are being done, for the rest of them."""
        began = time.monotonic()
        while True:
            self._go_on()
            left = timeout - (time.monotonic() - began)
            more = self._is_quick() and timeout - left < min(timeout, _TOGETHER)
            if not more and (self._results or left <= 0):
                return
            watchful = more or self._tasks or self._cleaning
            try:
                _call(self._mail.get(timeout=_LONG if watchful else left))
            except queue.Empty:
                continue
            if not self._is_quick():
                return

    def _is_quick(self) -> bool:
        first = self._first
        return first is not None and not first.is_long()

    def _hand_over(self, work: Mail, tasks: deque[Mail]) -> None:
        with self._changing:
            self._busy += 1
            tasks.append(work)

    def _go_on(self) -> None:
        """Leave whoever is long at one thing to that; have somebody do what is to be done."""
        with self._changing:
            if self._first and self._first.is_long():
                self._first = None
            if self._first or not (self._tasks or self._cleaning):
                return
            thread = self._first = self._free.pop() if self._free else _Thread(self._serve)
        thread.go()

    def _serve(self, thread: _Thread) -> None:
        """Do one thing after another until another has taken over, or nothing is left; then wait for more."""
        while True:
            with self._changing:
                task = self._next(thread)
            if task is not None:
                task()
                del task  # what it has brought back is not to wait here for the next
                continue
            self._mail.put(_look)
            if not thread.wait(_IDLE_SECONDS):
                with self._changing:
                    if thread in self._free:
                        self._free.remove(thread)
                        return
                thread.wait()  # it was told at the last moment

    def _next(self, thread: _Thread) -> Mail | None:
        if self._first is thread and (tasks := self._tasks or self._cleaning):
            thread.began = time.monotonic()
            return tasks.popleft()
        if self._first is thread:
            self._first = None
        self._free.append(thread)
        return None

    def _back(self, mail: Mail) -> None:
        with self._changing:
            self._busy -= 1
        mail()


class _Thread:
    """A thread that waits to be told to go; `began` is when it came to what it does."""

    def __init__(self, serve: Callable[[_Thread], None]) -> None:
        self.began = time.monotonic()
        self._told = threading.Lock()
        self._told.acquire()
        self._thread = threading.Thread(target=serve, args=(self,), daemon=True, name="nodegraph-worker")
        self._started = False

    def is_long(self) -> bool:
        """Whether it has been at one thing for long."""
        return time.monotonic() - self.began > _LONG

    def go(self) -> None:
        """Go on, or begin."""
        self.began = time.monotonic()
        if self._started:
            self._told.release()
        else:
            self._started = True
            self._thread.start()

    def wait(self, seconds: float = -1.0) -> bool:
        """Wait to be told to go; False where nobody did so within these seconds."""
        return self._told.acquire(timeout=seconds)


def _look() -> None:
    """Wakes the engine: there are results."""


def _call(mail: Mail) -> None:
    try:
        mail()
    except Exception:
        _log.exception("the engine could not handle a result")
