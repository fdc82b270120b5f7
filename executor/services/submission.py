"""What a person asks for when a run is started."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodegraph.errors import InvalidInput
from nodegraph.pipeline import Pipeline

MAX_PRIORITY = 100
MAX_RESUBMITS = 20
_LAST_SECOND = 4_102_444_800.0


@dataclass(frozen=True)
class Submission:
    """What a person asks for when a run is started.

    Runs of higher priority go first. `not_before` is seconds since the epoch; `time_limit` seconds from the
    start of the run; `resubmits` how often it is submitted again where infrastructure fails it.
    """

    pipeline: str | bytes | Pipeline
    base_dir: Path | None = None
    params: Mapping[str, Any] | None = None
    sets: Mapping[str, Any] | None = None
    launcher: str = "process"
    until: str | None = None
    from_node: str | None = None
    use_cache: bool = True
    trigger: str = "manual"
    idempotency_key: str | None = None
    version: int | None = None
    rerun_of: int | None = None
    user: str = ""
    priority: int = 0
    not_before: float | None = None
    time_limit: float | None = None
    resubmits: int = 0


@dataclass(frozen=True)
class Submitted:
    """The run that was asked for; `new` unless it was started before with the same idempotency key."""

    run: int
    new: bool


def check_options(asked: Submission) -> None:
    """InvalidInput where priority, times or repetitions make no sense."""
    if not -MAX_PRIORITY <= asked.priority <= MAX_PRIORITY:
        message = f"The priority cannot be {asked.priority}."
        raise InvalidInput(message, f"Give a number from {-MAX_PRIORITY} to {MAX_PRIORITY}.")
    if not 0 <= asked.resubmits <= MAX_RESUBMITS:
        message = f"A run cannot be submitted again {asked.resubmits} times."
        raise InvalidInput(message, f"Give a number from 0 to {MAX_RESUBMITS}.")
    if asked.time_limit is not None and not 0 < asked.time_limit < math.inf:
        raise InvalidInput("A time limit must be longer than nothing.", "Give one such as 6h, or none.")
    if asked.not_before is not None and not 0 <= asked.not_before < _LAST_SECOND:
        raise InvalidInput("A run cannot start at that time.", "Give a time of this century.")
