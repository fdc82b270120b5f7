"""Who waits: nodes in the order in which they are served, then runs that are not taken up yet.

Then, in no line, nodes that wait for another one that computes the same, and runs that start later.
"""

from __future__ import annotations

import builtins
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from executor.database.session import Database
from executor.database.tables import NodeRun, Run

_LATER = "starts at "


@dataclass(frozen=True)
class Waiting:
    """A node that waits for a place on a host, or, where `node` is None, a run that waits as a whole.

    `wants` are words such as “4×A100”; `since` is seconds since the epoch; `position` counts from 1, and is
    None for a run that is to start later, and for a node that wants no place, as another run's node computes
    the same: `reason` says which.
    """

    run: int
    pipeline: str
    user: str
    priority: int
    node: str | None
    type: str
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
            runs = _runs(session, {row.id for row in nodes})
        here = [row for row in runs if not _is_later(row)]
        later = [row for row in runs if _is_later(row)]
        sharing = [row for row in nodes if row.waiting["position"] is None]
        nodes = sorted(
            (row for row in nodes if row.waiting["position"] is not None),
            key=lambda row: (row.waiting["position"], row.id, row.position),
        )
        lined = [*map(_node, nodes), *(_run(row) for row in here)]
        placed = [replace(one, position=position) for position, one in enumerate(lined, 1)]
        return [*placed, *map(_node, sharing), *(_run(row) for row in later)]

    def since(self) -> builtins.list[float]:
        """Since when each of them waits that stands in the line, in no order."""
        with self._database.read() as session:
            nodes = _nodes(session)
            runs = _runs(session, {row.id for row in nodes})
        lined = [row.waiting["since"] for row in nodes if row.waiting["position"] is not None]
        return lined + [row.created for row in runs if not _is_later(row)]

    def length(self) -> int:
        """How many stand in the line."""
        return len(self.since())

    def oldest(self) -> float | None:
        """Since when the one that has waited longest does; None where nobody waits."""
        return min(self.since(), default=None)


# Without their texts, which may be long.
_OF_RUN: tuple[Any, ...] = (Run.id, Run.pipeline, Run.user, Run.priority, Run.created, Run.reason)
_OF_NODE: tuple[Any, ...] = (
    NodeRun.node, NodeRun.type, NodeRun.title, NodeRun.waiting, NodeRun.position,
    col(NodeRun.reason).label("why"),
)  # fmt: skip


def _nodes(session: Session) -> Sequence[Any]:
    statement = (
        select(*_OF_RUN, *_OF_NODE)
        .join(NodeRun, col(NodeRun.run_id) == col(Run.id))
        .where(col(Run.state).in_(("queued", "running")), col(NodeRun.state) == "queued")
        .where(col(NodeRun.waiting).is_not(None))
        .order_by(col(Run.id), col(NodeRun.position))
    )
    return session.execute(statement).all()


def _runs(session: Session, busy: Collection[int]) -> Sequence[Any]:
    statement = select(*_OF_RUN).where(col(Run.state) == "queued")
    ordered = statement.order_by(col(Run.priority).desc(), col(Run.id))
    return [row for row in session.execute(ordered) if row.id not in busy]


def _is_later(row: Any) -> bool:
    later: bool = row.reason.startswith(_LATER)
    return later


def _node(row: Any) -> Waiting:
    return Waiting(
        run=row.id, pipeline=row.pipeline, user=row.user, priority=row.priority, node=row.node,
        type=row.type, title=row.title, wants=row.waiting["wants"], reason=row.why, position=None,
        since=row.waiting["since"],
    )  # fmt: skip


def _run(row: Any) -> Waiting:
    return Waiting(
        run=row.id, pipeline=row.pipeline, user=row.user, priority=row.priority, node=None, type="",
        title="", wants="", reason=row.reason, position=None, since=row.created,
    )  # fmt: skip
