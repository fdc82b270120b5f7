"""What attempts have used: cores, memory and GPUs by the hour, and what that costs at their hosts' prices.

An attempt uses what it was leased from its start to its end. A node's usage is that of all its attempts,
whatever became of them; a cached node has none.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlmodel import Session, col

from executor.database.tables import Attempt, NodeRun
from executor.engine.states import ATTEMPT_OPEN

CURRENCY = "NODEGRAPH_CURRENCY"
_HOUR = 3600.0


@dataclass(frozen=True)
class Usage:
    """Hours of cores, of gigabytes of memory and of GPUs that were held, and their cost in `currency()`."""

    cpu_hours: float = 0.0
    memory_gb_hours: float = 0.0
    gpu_hours: float = 0.0
    cost: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.cpu_hours + other.cpu_hours, self.memory_gb_hours + other.memory_gb_hours,
            self.gpu_hours + other.gpu_hours, self.cost + other.cost,
        )  # fmt: skip

    def rounded(self) -> dict[str, float]:
        """For JSON that people read."""
        return {name: round(value, 6) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Held:
    """What the attempts at a node have used, and the host of the latest."""

    usage: Usage
    host: str


def currency() -> str:
    """The currency that prices are in, which NODEGRAPH_CURRENCY names."""
    return os.environ.get(CURRENCY, "").strip() or "USD"


def of_attempt(row: Attempt) -> Usage:
    """What an attempt has used, until now where it runs."""
    end = row.finished or (time.time() if row.state in ATTEMPT_OPEN else row.started)
    hours = max(0.0, end - row.started) / _HOUR if row.started and end else 0.0
    gpus = len(row.gpus or ())
    return Usage(row.cpu * hours, row.memory_gb * hours, gpus * hours, row.price * hours)


def of_nodes(session: Session, run: int | None, node: str | None = None) -> dict[str, Held]:
    """What each node of a run has used that was ever begun; one of them where it is named."""
    statement = select(col(Attempt.node), col(Attempt.host), *_used()).where(col(Attempt.run_id) == run)
    if node is not None:
        statement = statement.where(col(Attempt.node) == node)
    found: dict[str, Held] = {}
    for name, host, *used in session.execute(statement.order_by(col(Attempt.number))):
        before = found.get(name)
        usage = _usage(used)
        found[name] = Held(before.usage + usage if before else usage, host)
    return found


def of_runs(session: Session, runs: Iterable[int | None] | Select[Any]) -> dict[int, Usage]:
    """What each of these runs has used."""
    these = runs if isinstance(runs, Select) else list(runs)
    statement = (
        select(col(Attempt.run_id), *map(func.sum, _used()))
        .where(col(Attempt.run_id).in_(these))
        .group_by(col(Attempt.run_id))
    )
    return {run: _usage(used) for run, *used in session.execute(statement)}


def saved(session: Session, runs: Select[Any]) -> Usage:
    """What the cached nodes of these runs would have used: as much as the attempts that made them."""
    made = and_(
        col(Attempt.run_id) == col(NodeRun.source_run),
        col(Attempt.node) == col(NodeRun.source_node),
        col(Attempt.state) == "succeeded",
    )
    statement = (
        select(*map(func.sum, _used()))
        .select_from(NodeRun)
        .join(Attempt, made)
        .where(col(NodeRun.run_id).in_(runs), col(NodeRun.state) == "cached")
    )
    return _usage(session.execute(statement).one())


def total(usages: Iterable[Usage]) -> Usage:
    """All of them together."""
    return sum(usages, Usage())


def _used() -> tuple[ColumnElement[Any], ...]:
    """`of_attempt` as columns, in the order of Usage."""
    started = col(Attempt.started)
    end = case((col(Attempt.state).in_(ATTEMPT_OPEN), time.time()), else_=started)
    seconds = func.coalesce(col(Attempt.finished), end) - started
    hours = case((seconds > 0, seconds / _HOUR), else_=0.0)
    gpus = func.coalesce(func.json_array_length(col(Attempt.gpus)), 0)
    return col(Attempt.cpu) * hours, col(Attempt.memory_gb) * hours, gpus * hours, col(Attempt.price) * hours


def _usage(sums: Iterable[float | None]) -> Usage:
    return Usage(*(value or 0.0 for value in sums))
