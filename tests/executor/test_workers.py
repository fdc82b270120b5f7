"""The engine's workers: short things one after another, long ones beside each other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from executor.engine.workers import Workers

MANY = 8
SECONDS = 60.0


def deliver(workers: Workers, enough: Callable[[], bool]) -> None:
    """Take what comes back, as the engine does, until there is enough of it."""
    until = time.monotonic() + SECONDS
    while not enough():
        assert time.monotonic() < until
        workers.deliver(SECONDS)


def test_long_things_do_not_wait_for_each_other() -> None:
    workers, back = Workers(), list[int]()
    together = threading.Barrier(MANY, timeout=SECONDS)  # nobody passes before all are there
    for _ in range(MANY):
        workers.do(together.wait, back.append, lambda error: pytest.fail(str(error)))
    deliver(workers, lambda: len(back) == MANY)
    assert sorted(back) == list(range(MANY))
    assert workers.busy == 0


def test_something_long_holds_up_neither_the_engine_nor_what_comes_later() -> None:
    workers, back, over = Workers(), list[str](), threading.Event()
    workers.do(lambda: over.wait(SECONDS), lambda _: back.append("long"), lambda _: back.append("failed"))
    workers.do(lambda: "short", back.append, lambda _: back.append("failed"))
    deliver(workers, lambda: bool(back))
    assert back == ["short"]
    workers.do(lambda: "later", back.append, lambda _: back.append("failed"))
    deliver(workers, lambda: len(back) == 2)
    over.set()
    deliver(workers, lambda: len(back) == 3)
    assert back == ["short", "later", "long"]


def test_results_and_failures_come_back_in_the_engines_thread() -> None:
    workers, back = Workers(), list[tuple[str, threading.Thread]]()
    workers.do(lambda: "good", lambda result: back.append((result, threading.current_thread())), pytest.fail)
    workers.do(
        lambda: 1 // 0,
        lambda _: pytest.fail("it did not fail"),
        lambda error: back.append((type(error).__name__, threading.current_thread())),
    )
    deliver(workers, lambda: len(back) == 2)
    mine = threading.current_thread()
    assert back == [("good", mine), ("ZeroDivisionError", mine)]


def test_cleaning_comes_after_what_somebody_waits_for() -> None:
    workers, order = Workers(), list[str]()
    workers.clean(lambda: order.append("clean"))
    workers.do(lambda: order.append("work"), lambda _: None, lambda _: None)
    deliver(workers, lambda: workers.busy == 0)
    assert order == ["work", "clean"]


def test_mail_from_another_thread_wakes_the_engine() -> None:
    workers, heard = Workers(), list[str]()
    threading.Timer(0.1, lambda: workers.post(lambda: heard.append("mail"))).start()
    workers.deliver(SECONDS)
    assert heard == ["mail"]
