"""Regular expressions of the user: checked when the graph is, and stopped when one runs away."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from nodegraph import NodeFailure

_SECONDS = 5.0


def check_patterns(patterns: Sequence[str]) -> None:
    """ValueError for the first pattern that is none."""
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            place = f" at position {error.pos}" if error.pos is not None else ""
            raise ValueError(f"{pattern!r} is no regular expression: {error.msg}{place}") from error
        except (RecursionError, OverflowError) as error:
            raise ValueError(f"{pattern[:60]!r} is too complex") from error


def first_match(patterns: Sequence[re.Pattern[str]], text: str) -> str | None:
    """The first pattern that is found in `text`; fails where one takes longer than is sane."""
    for pattern in patterns:
        with _time_limit(pattern.pattern):
            if pattern.search(text):
                return pattern.pattern
    return None


@contextmanager
def _time_limit(pattern: str) -> Iterator[None]:
    """Only the main thread can be interrupted; there nodes run."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise NodeFailure(
            "input",
            f"The pattern {pattern!r} took more than {_SECONDS:.0f} s on one row.",
            "A repetition inside a repetition, such as (a+)+, can run for ever; write it without.",
        )

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, _SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
