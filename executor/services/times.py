"""Times at which runs are to start, as people write them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from nodegraph.pipeline import seconds

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")


def next_time(text: str, now: datetime | None = None) -> float:
    """The seconds since the epoch of `22:00`, today or else tomorrow, of a date with a time, or of `+30m`.

    In the local time zone, where the text names no other; ValueError where it is no time, or is over.
    """
    now = now or datetime.now()
    if text.startswith("+"):
        return now.timestamp() + seconds(text[1:])
    if (clock := _CLOCK.fullmatch(text)) is not None:
        # By the clock on the wall, which a change of daylight saving time in between moves.
        wall = now.replace(tzinfo=None)
        when = wall.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        return (when if when > wall else when + timedelta(days=1)).timestamp()
    named = datetime.fromisoformat(text)
    if named.timestamp() <= now.timestamp():
        raise ValueError(text)
    return named.timestamp()
