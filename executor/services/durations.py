"""How long something took, as people read it."""

from __future__ import annotations


def duration(seconds: float | None) -> str:
    """Seconds in words a person reads: 0.4 s, 12 s, 3 min 05 s, 1 h 12 min."""
    if seconds is None:
        return "–"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"
