"""Runs over time: equal spans, as long as it takes for a chart to have some thirty of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from executor.services.statistics import RunPoint

_MOST = 36
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_STEPS = (_MINUTE, 5 * _MINUTE, 15 * _MINUTE, _HOUR, 6 * _HOUR, _DAY, 7 * _DAY, 28 * _DAY)


@dataclass
class Bucket:
    """The runs that began in one span of time, and its name on the axis."""

    label: str
    runs: list[RunPoint] = field(default_factory=list)

    def count(self, state: str) -> int:
        """How many ended so; `cached` are those that succeeded with nothing to do, `succeeded` the others."""
        return sum(outcome(run) == state for run in self.runs)


def outcome(run: RunPoint) -> str:
    """How a run ended, told apart by whether it had anything to do."""
    return "cached" if run.cached else run.state


def buckets(points: Sequence[RunPoint], now: float | None = None) -> list[Bucket]:
    """The spans from the first run until now, empty ones among them."""
    if not points:
        return []
    now = time.time() if now is None else now
    first = min(point.created for point in points)
    step = next((step for step in _STEPS if (now - first) / step <= _MOST - 2), _STEPS[-1])
    # Days begin at midnight where the server stands.
    shift = time.localtime(first).tm_gmtoff
    start = (first + shift) // step * step - shift
    made = [Bucket(label) for label in _labels(start, step, int((now - start) // step) + 1)]
    for point in points:
        place = int((point.created - start) // step)
        made[min(max(place, 0), len(made) - 1)].runs.append(point)
    return made


def _labels(start: float, step: int, count: int) -> list[str]:
    """Names that tell all spans apart: a clock where they lie in one day, else days with or without clock."""
    starts = [time.localtime(start + i * step) for i in range(count)]
    one_day = starts[0][:3] == starts[-1][:3]
    form = "%m-%d" if step >= _DAY else "%H:%M" if one_day else "%m-%d %H:%M"
    return [time.strftime(form, when) for when in starts]
