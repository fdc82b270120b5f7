"""Runs and nodes as the engine holds them in memory, beside their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from executor.database.tables import Attempt, NodeRun, Run
from executor.engine.demands import Ask
from executor.engine.events import Pace
from executor.engine.leases import Lease
from executor.engine.tailing import EventTail
from nodegraph.events import Failed
from nodegraph.pipeline import Notify
from nodegraph.plan import Plan, Step

# Asked several times for each attempt, and at every look at those that run.
_path = lru_cache(maxsize=1024)(Path)

Phase = Literal[
    "blocked",  # waits for the nodes before it
    "looking",  # its files are hashed, or a cached result is checked
    "shared",  # another node computes the same; waits for it
    "ready",  # waits for cores or GPUs
    "starting",  # an attempt is prepared and started
    "running",
    "ending",  # stopped, swept up, outputs committed
    "paused",  # waits for its next attempt
    "done",
]


@dataclass
class Bounds:
    """How an attempt stands to what it may leave on disk; `over` says why it is stopped."""

    cutting: bool = False
    looking: bool = False
    next_look: float = 0.0
    disk: int | None = None
    over: Failed | None = None


@dataclass
class Watch:
    """What the engine has read of a running attempt's files."""

    tail: EventTail
    log_size: int = 0
    failed: Failed | None = None
    done_at: float | None = None
    bounds: Bounds = field(default_factory=Bounds)
    # What the node showed before its host stopped answering.
    shown: str | None = None
    pace: Pace = field(default_factory=Pace)
    written: float = 0.0
    unwritten: bool = False


@dataclass(eq=False)
class ActiveNode:
    """One node of an active run; `ask` and `since` are what it waits for, and since when, while it does."""

    run: ActiveRun
    row: NodeRun
    step: Step | None
    missing: int = 0
    phase: Phase = "blocked"
    attempt: Attempt | None = None
    ask: Ask | None = None
    since: float = 0.0
    lease: Lease | None = None
    watch: Watch | None = None
    stop: Literal["", "cancelled", "timeout"] = ""
    files: dict[str, Path] = field(default_factory=dict)
    fresh: bool = False
    why: str = ""
    spent: int = 0
    unlucky: int = 0

    @cached_property
    def name(self) -> str:
        """Its id in the pipeline."""
        return self.row.node

    @property
    def directory(self) -> Path:
        """Where its attempt lies."""
        assert self.attempt is not None
        return _path(self.attempt.directory)

    @cached_property
    def order(self) -> tuple[int, int]:
        """First come, first served."""
        return (self.run.id, self.row.position)

    @property
    def plan(self) -> Step:
        """Its step; only nodes that were never to run have none."""
        assert self.step is not None
        return self.step


@dataclass(eq=False)
class ActiveRun:
    """A run that has not ended, with its plan; `overdue` once its time limit has run out.

    `notify` says who is to be told of its end.
    """

    row: Run
    plan: Plan
    secrets: dict[str, set[str]]
    nodes: dict[str, ActiveNode] = field(default_factory=dict)
    after: dict[str, list[ActiveNode]] = field(default_factory=dict)
    open: int = 0
    overdue: bool = False
    notify: Sequence[Notify] = ()

    @cached_property
    def id(self) -> int:
        """Its number."""
        assert self.row.id is not None
        return self.row.id
