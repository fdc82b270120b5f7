"""Who waits for a place: nodes in the order in which they are served, then runs that are not taken up yet."""

from __future__ import annotations

import builtins
from dataclasses import asdict, dataclass
from typing import Any

from sqlmodel import Session, col, select

from executor.database.session import Database
from executor.database.tables import NodeRun, Run


@dataclass(frozen=True)
class Waiting:
    """A node that waits for a place on a host, or, where `node` is None, a run that waits as a whole.

    `wants` are words such as “4×A100”; `since` is seconds since the epoch; `position` counts from 1, and is
    None for a run that is to start later.
    """

    run: int
    pipeline: str
    user: str
    priority: int
    node: str | None
    title: str
    wants: str
    reason: str
    position: int | None
    since: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


class Queue:
    """The queue as the database has it: the same in every process, at most about a second old."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self) -> builtins.list[Waiting]:
        """All that wait, those that are served first first."""
        with self._database.read() as session:
            nodes = _nodes(session)
            busy = {run.id for run, _ in nodes}
            statement = select(Run).where(Run.state == "queued").order_by(col(Run.priority).desc(), "id")
            runs = [run for run in session.exec(statement) if run.id not in busy]
        found = [_node(run, node, position) for position, (run, node) in enumerate(nodes, 1)]
        # Those that start at a later time stand in no line.
        here = [run for run in runs if not run.reason.startswith("starts at ")]
        found += [_run(run, position) for position, run in enumerate(here, len(found) + 1)]
        return found + [_run(run, None) for run in runs if run.reason.startswith("starts at ")]

    def length(self) -> int:
        """How many wait, without those that are to start later."""
        return sum(one.position is not None for one in self.waiting())

    def oldest(self) -> float | None:
        """Since when the one that has waited longest does; None where nobody waits."""
        return min((one.since for one in self.waiting() if one.position is not None), default=None)


def _nodes(session: Session) -> list[tuple[Run, NodeRun]]:
    statement = (
        select(Run, NodeRun)
        .join(NodeRun, col(NodeRun.run_id) == col(Run.id))
        .where(col(Run.state).in_(("queued", "running")), NodeRun.state == "queued")
        .where(col(NodeRun.waiting).is_not(None))
    )
    rows = [(run, node) for run, node in session.exec(statement)]
    return sorted(rows, key=lambda pair: (pair[1].waiting["position"], pair[0].id, pair[1].position))


def _node(run: Run, node: NodeRun, position: int) -> Waiting:
    return Waiting(
        run=run.id or 0, pipeline=run.pipeline, user=run.user, priority=run.priority, node=node.node,
        title=node.title, wants=node.waiting["wants"], reason=node.reason, position=position,
        since=node.waiting["since"],
    )  # fmt: skip


def _run(run: Run, position: int | None) -> Waiting:
    return Waiting(
        run=run.id or 0, pipeline=run.pipeline, user=run.user, priority=run.priority, node=None, title="",
        wants="", reason=run.reason, position=position, since=run.created,
    )  # fmt: skip
