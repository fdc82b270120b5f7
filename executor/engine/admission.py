"""Which queued runs are taken up now, in the order of priority and age, and why the others wait."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

# Runs in memory at a time, and how many of them a user may have where others fill it.
MAX_ACTIVE = 100
_RESERVED = 10
# More than that only while hosts have room that none of those in memory can use.
_MAX_WITH_ROOM = 1000
_AT_ONCE = 20
_SOON = 86_400.0

AHEAD = "waits until a run ahead of it has ended"


class Standing(NamedTuple):
    """What the database says of a run that has not ended."""

    id: int
    state: str
    cancelled: bool
    pipeline: str
    priority: int
    user: str
    concurrency: int | None
    not_before: float | None
    reason: str


@dataclass
class Admitted:
    """The runs to take up, in order; the reasons of those that wait; when the next one may start.

    `held_back` says whether some wait for nothing but room in memory, `limited` whether some wait for
    another run of their pipeline to end.
    """

    runs: list[int] = field(default_factory=list)
    reasons: dict[int, str] = field(default_factory=dict)
    next_start: float | None = None
    held_back: bool = False
    limited: bool = False


def admit(found: Sequence[Standing], active: Collection[int], now: float, *, roomy: bool) -> Admitted:
    """Decide over all runs that have not ended; `roomy` while hosts have room that nobody uses."""
    found = sorted(found, key=lambda run: (-run.priority, run.id))
    admission = _Admission(now, roomy)
    waiting = []
    for run in found:
        if run.id in active:
            admission.count(run)
        elif run.state == "running" or run.cancelled:
            # What runs already is watched whatever the bounds say, and what is cancelled only ends.
            admission.take(run)
        else:
            waiting.append(run)
    for run in waiting:
        admission.consider(run)
    return admission.made


class _Admission:
    def __init__(self, now: float, roomy: bool) -> None:
        self.made = Admitted()
        self._now = now
        self._room = _AT_ONCE if roomy else 0
        self._users: Counter[str] = Counter()
        self._priorities: Counter[int] = Counter()
        self._pipelines: dict[str, list[int]] = {}

    def count(self, run: Standing) -> None:
        self._users[run.user] += 1
        self._priorities[run.priority] += 1
        self._pipelines.setdefault(run.pipeline, []).append(run.id)

    def take(self, run: Standing) -> None:
        self.count(run)
        self.made.runs.append(run.id)

    def consider(self, run: Standing) -> None:
        others = self._pipelines.get(run.pipeline, [])
        if run.not_before is not None and run.not_before > self._now:
            self.made.reasons[run.id] = starts_at(run.not_before, self._now)
            self.made.next_start = min(self.made.next_start or run.not_before, run.not_before)
        elif run.concurrency is not None and len(others) >= run.concurrency:
            self.made.limited = True
            many = "1 run" if run.concurrency == 1 else f"{run.concurrency} runs"
            self.made.reasons[run.id] = (
                f"waits for run {min(others)}: at most {many} of this pipeline at once"
            )
        elif self._fits(run):
            self.take(run)
        else:
            self.made.held_back = True
            self.made.reasons[run.id] = AHEAD

    def _fits(self, run: Standing) -> bool:
        """Runs of lower priority never keep one out, nor does one user with many runs keep out others."""
        ahead = sum(count for priority, count in self._priorities.items() if priority >= run.priority)
        if ahead < MAX_ACTIVE or self._users[run.user] < _RESERVED:
            return True
        if self._room and self._users.total() < _MAX_WITH_ROOM:
            self._room -= 1
            return True
        return False


def starts_at(when: float, now: float) -> str:
    """When a delayed run starts, in the words of its reason: the time, with the day where it is far off."""
    pattern = "%H:%M" if when - now < _SOON else "%Y-%m-%d %H:%M"
    return f"starts at {time.strftime(pattern, time.localtime(when))}"
