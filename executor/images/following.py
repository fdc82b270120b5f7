"""Waits for what takes minutes in a thread of its own, while somebody is told how it goes and may cancel."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable

from executor.launchers.base import Say

_TICK = 0.5


def follow(lines: Callable[[], Iterable[str]], say: Say) -> list[str]:
    """Say each line as it comes, and an empty one twice a second; the last thirty.

    Raises what `lines` raises, or what `say` raises: then the thread is left to itself, and whatever
    feeds it has to end.
    """
    told: queue.Queue[str | None] = queue.Queue()
    trouble: list[BaseException] = []

    def work() -> None:
        try:
            for line in lines():
                told.put(line)
        except BaseException as error:
            trouble.append(error)
        told.put(None)

    threading.Thread(target=work, daemon=True, name="nodegraph-image").start()
    last: list[str] = []
    while True:
        try:
            line = told.get(timeout=_TICK)
        except queue.Empty:
            say("")
            continue
        if line is None:
            break
        say(line)
        last = [*last[-29:], line]
    if trouble:
        raise trouble[0]
    return last
