"""Waits for what takes minutes in a thread of its own, while somebody is told how it goes and may cancel."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

from executor.launchers.base import Say

_TICK = 0.5
Result = TypeVar("Result")


def attend(work: Callable[[], Result], say: Say, told: Callable[[], str]) -> Result:
    """Do something in a thread of its own, and twice a second say what `told` answers; its result.

    Raises what `work` raises, or what `say` raises: then the thread is left to itself.
    """
    results: list[Result] = []
    trouble: list[BaseException] = []
    done = threading.Event()

    def do() -> None:
        try:
            results.append(work())
        except BaseException as error:
            trouble.append(error)
        done.set()

    threading.Thread(target=do, daemon=True, name="nodegraph-transfer").start()
    said = ""
    while not done.wait(_TICK):
        sentence = told()
        say(sentence if sentence != said else "")
        said = sentence
    if trouble:
        raise trouble[0]
    return results[0]


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

    threading.Thread(target=work, daemon=True, name="nodegraph-lines").start()
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
