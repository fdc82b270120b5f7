"""Runs in numbers: how many, how they ended, how long they took, how much the cache saved."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from statistics import median

from sqlalchemy import func, select
from sqlmodel import col

from executor.database.session import Database
from executor.database.tables import NodeRun, Run
from executor.engine.states import NODE_GOOD, RUN_FINAL
from executor.services.finding import Wanted, conditions
from executor.services.usage import Usage, of_runs, saved, total

# A chart of more runs than these shows the latest of them.
MOST_RUNS = 5_000
_NOTHING = Usage()


@dataclass(frozen=True)
class RunPoint:
    """One run in a chart; `cached` where no node had to do anything."""

    id: int
    pipeline: str
    state: str
    created: float
    seconds: float | None
    cached: bool
    cost: float = 0.0
    gpu_hours: float = 0.0


@dataclass(frozen=True)
class Statistics:
    """Numbers over some runs, and the runs themselves, oldest first.

    `succeeded` is the share of those that ended well among all that ended otherwise than cancelled;
    `cached` the share of good nodes that came from the cache. None where there is nothing to divide.
    `cpu_hours`, `gpu_hours` and `cost` are those of all of them; `saved` is what it would have cost to make
    anew what was found in the cache.
    """

    runs: int = 0
    running: int = 0
    succeeded: float | None = None
    median_seconds: float | None = None
    cached: float | None = None
    cpu_hours: float = 0.0
    gpu_hours: float = 0.0
    cost: float = 0.0
    saved: float = 0.0
    points: list[RunPoint] = field(default_factory=list)


def statistics(database: Database, wanted: Wanted) -> Statistics:
    """The numbers of the runs that fit the filters."""
    columns = (Run.id, Run.pipeline, Run.state, Run.created, Run.started, Run.finished)
    found = conditions(wanted)
    asked = select(*map(col, columns)).where(*found).order_by(col(Run.id).desc()).limit(MOST_RUNS)
    ids = select(col(Run.id)).where(*found)
    counted = (
        select(col(NodeRun.run_id), col(NodeRun.state), func.count())
        .where(col(NodeRun.run_id).in_(ids), col(NodeRun.state).in_(NODE_GOOD))
        .group_by(col(NodeRun.run_id), col(NodeRun.state))
    )
    with database.read() as session:
        rows = session.execute(asked).all()
        good: dict[int, dict[str, int]] = {}
        for run, state, count in session.execute(counted):
            good.setdefault(run, {})[state] = count
        count = session.execute(select(func.count()).select_from(Run).where(*found)).scalar_one()
        used, spared = of_runs(session, ids), saved(session, ids)
    points = [
        RunPoint(
            row.id, row.pipeline, row.state, row.created, _seconds(row.started, row.finished),
            row.state == "succeeded" and set(good.get(row.id, ())) == {"cached"},
            used.get(row.id, _NOTHING).cost, used.get(row.id, _NOTHING).gpu_hours,
        )
        for row in reversed(rows)
    ]  # fmt: skip
    all_used = total(used.values())
    return replace(
        _summed(count, points, good), cpu_hours=all_used.cpu_hours, gpu_hours=all_used.gpu_hours,
        cost=all_used.cost, saved=spared.cost,
    )  # fmt: skip


def _summed(count: int, points: list[RunPoint], good: dict[int, dict[str, int]]) -> Statistics:
    states = [point.state for point in points]
    ended = states.count("succeeded") + states.count("failed")
    # A run that found everything in the cache says nothing about how long the work takes.
    took = [p.seconds for p in points if p.state == "succeeded" and not p.cached and p.seconds is not None]
    nodes = sum(sum(counts.values()) for counts in good.values())
    cached = sum(counts.get("cached", 0) for counts in good.values())
    return Statistics(
        runs=count, running=sum(state not in RUN_FINAL for state in states),
        succeeded=states.count("succeeded") / ended if ended else None,
        median_seconds=median(took) if took else None, cached=cached / nodes if nodes else None,
        points=points,
    )  # fmt: skip


def _seconds(started: float | None, finished: float | None) -> float | None:
    return None if started is None or finished is None else max(0.0, finished - started)
