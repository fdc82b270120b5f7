"""Numbers as people read them, each with its unit, in the reader's language."""

from __future__ import annotations

import time
from typing import Any

from ui.i18n import t


def duration(seconds: float | None) -> str:
    """< 0.1 s, 0.4 s, 21 s, 3 min 20 s, 1 h 12 min, 2 d 3 h; "" for None."""
    if seconds is None:
        return ""
    if seconds < 0.05:
        return t("{n} s", n="< 0.1")
    if seconds < 10:
        return t("{n} s", n=f"{seconds:.1f}")
    whole = round(seconds)
    if whole < 60:
        return t("{n} s", n=whole)
    if whole < 3600:
        return (
            t("{m} min {s} s", m=whole // 60, s=whole % 60)
            if whole < 600
            else t("{n} min", n=round(whole / 60))
        )
    if whole < 86400:
        hours, minutes = whole // 3600, whole % 3600 // 60
        return t("{h} h {m} min", h=hours, m=minutes) if minutes else t("{n} h", n=hours)
    days, hours = whole // 86400, whole % 86400 // 3600
    return t("{d} d {h} h", d=days, h=hours) if hours else t("{n} d", n=days)


def size(count: int | float) -> str:
    """640 B, 8.6 MB, 15.2 GB."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def number(value: Any, digits: int = 4) -> str:
    """A number with so many significant digits and thousands marks; other things as they are."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "" if value is None else str(value)
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e9):
        return f"{int(value):,}"
    return f"{value:.{digits}g}"


def moment(seconds: float | None, now: float | None = None) -> str:
    """When: today 10:31, Mon 02:00 within the week, 11-13 02:00, 2025-11-13 in another year."""
    if seconds is None:
        return ""
    then, today = time.localtime(seconds), time.localtime(now)
    clock = time.strftime("%H:%M", then)
    days = (_noon(today) - _noon(then)) // 86400
    if days == 0:
        return t("today {clock}", clock=clock)
    if 0 < days < 7:
        return f"{t(('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')[then.tm_wday])} {clock}"
    if then.tm_year == today.tm_year:
        return time.strftime("%m-%d ", then) + clock
    return time.strftime("%Y-%m-%d", then)


def _noon(day: time.struct_time) -> int:
    return int(time.mktime((day.tm_year, day.tm_mon, day.tm_mday, 12, 0, 0, 0, 0, -1)))
