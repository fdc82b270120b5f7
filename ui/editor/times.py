"""Times of day as people write them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")


def next_time(text: str, now: datetime | None = None) -> float:
    """The seconds since the epoch at `22:00`, today or else tomorrow, or at a date with a time.

    By the clock of this machine; ValueError where it is no time, or is over.
    """
    now = now or datetime.now()
    clock = _CLOCK.fullmatch(text)
    if clock is None:
        when = datetime.fromisoformat(text)
        if when.timestamp() <= now.timestamp():
            raise ValueError(f"{text} is over")
        return when.timestamp()
    when = now.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
    return (when if when > now else when + timedelta(days=1)).timestamp()
