"""Times and durations as people write them on the command line."""

from __future__ import annotations

from executor.services.times import next_time
from nodegraph.errors import InvalidInput
from nodegraph.pipeline import seconds


def moment(text: str) -> float:
    """The seconds since the epoch of `--at`; InvalidInput where it is no time, or is over."""
    try:
        return next_time(text)
    except ValueError:
        raise InvalidInput(
            f"--at {text} is no time that is to come.",
            "Write a time such as 22:00, a date with a time such as 2026-12-24T22:00, or +30m.",
        ) from None


def span(text: str, option: str) -> float:
    """The seconds of a duration such as 6h or 30m; InvalidInput where it is none."""
    try:
        return seconds(text)
    except ValueError as error:
        raise InvalidInput(f"{option}: {error}.", f"Write {option} 6h, or 30m.") from None
