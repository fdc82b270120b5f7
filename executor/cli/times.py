"""Times and durations as people write them on the command line."""

from __future__ import annotations

from datetime import datetime, timedelta

from nodegraph.errors import InvalidInput
from nodegraph.pipeline import seconds

_WAYS = "Write a time such as 22:00, a date with a time such as 2026-11-21T22:00, or +30m."


def moment(text: str, now: datetime | None = None) -> float:
    """The seconds since the epoch of `22:00` (today or else tomorrow), of an ISO date-time, or of `+30m`.

    In the local time zone, where the text names no other. InvalidInput where it is none, or over.
    """
    now = now or datetime.now().astimezone()
    if text.startswith("+"):
        return (now + timedelta(seconds=span(text[1:], "--at"))).timestamp()
    try:
        if "T" not in text and " " not in text.strip() and ":" in text:
            hour, minute = (int(part) for part in text.split(":"))
            # The clock of the wall, which a change of daylight saving time in between moves.
            found = now.replace(tzinfo=None, hour=hour, minute=minute, second=0, microsecond=0)
            later = found if found > now.replace(tzinfo=None) else found + timedelta(days=1)
            return later.timestamp()
        when = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"--at {text} is no time.", _WAYS) from None
    if when.timestamp() < now.timestamp():
        raise InvalidInput(f"--at {text} is over.", _WAYS)
    return when.timestamp()


def span(text: str, option: str) -> float:
    """The seconds of a duration such as 6h or 30m; InvalidInput where it is none."""
    try:
        return seconds(text)
    except ValueError as error:
        raise InvalidInput(f"{option}: {error}.", f"Write {option} 6h, or 30m.") from None
