"""What has been run of a pipeline, node by node: the latest attempts at it and the results there are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import desc, func, select
from sqlmodel import Session, col

from executor.database.tables import CacheEntry, NodeRun, Run
from executor.engine.loading import LEFT_OUT
from executor.engine.states import NODE_FINAL

# Nodes that the last runs have left out are looked for in these many runs.
_RUNS = 50
_COLUMNS = (
    "node", "run_id", "state", "key", "components", "error", "outputs", "metrics", "started", "finished"
)  # fmt: skip
_ENTRY = """
SELECT entry.run_id, entry.node, entry.outputs, entry.metrics, made.started, made.finished
FROM cacheentry AS entry LEFT JOIN noderun AS made ON made.run_id = entry.run_id AND made.node = entry.node
WHERE entry.key = ?
"""


@dataclass(frozen=True)
class Last:
    """How a node ended in the latest run that it was part of."""

    run: int
    state: str
    key: str | None
    components: dict[str, str]
    error: dict[str, Any] | None
    outputs: dict[str, Any]
    metrics: dict[str, Any]
    seconds: float | None


@dataclass(frozen=True)
class Earlier:
    """The latest result of a node in the cache: what it was made from, in which run."""

    run: int
    components: dict[str, str]


@dataclass(frozen=True)
class Entry:
    """A result in the cache."""

    run: int
    node: str
    outputs: dict[str, Any]
    metrics: dict[str, Any]
    seconds: float | None


class History:
    """Reads one pipeline's past over one session, so that all of it is of one moment."""

    def __init__(self, session: Session, pipeline: str) -> None:
        self._session = session
        self._pipeline = pipeline
        self.last = self._last()
        self.earlier = self._earlier()

    def entry(self, key: str) -> Entry | None:
        """The result that a cache key stands for."""
        # Asked once a node: the driver's own way is five times as fast.
        row = self._session.connection().exec_driver_sql(_ENTRY, (key,)).first()
        if row is None:
            return None
        outputs, metrics = (json.loads(text) if text else {} for text in row[2:4])
        return Entry(row[0], row[1], outputs, metrics, _seconds(row[4], row[5]))

    def _last(self) -> dict[str, Last]:
        runs = (
            select(col(Run.id))
            .where(col(Run.pipeline) == self._pipeline)
            .order_by(desc(col(Run.id)))
            .limit(_RUNS)
        )
        rank = func.row_number().over(partition_by=col(NodeRun.node), order_by=desc(col(NodeRun.run_id)))
        ended = (
            select(col(NodeRun.run_id), col(NodeRun.node), rank.label("rank"))
            .where(
                col(NodeRun.run_id).in_(runs),
                col(NodeRun.state).in_(NODE_FINAL),
                col(NodeRun.reason) != LEFT_OUT,
            )
            .subquery()
        )
        columns = [getattr(NodeRun, name) for name in _COLUMNS]
        here = (col(NodeRun.run_id) == ended.c.run_id) & (col(NodeRun.node) == ended.c.node)
        statement = select(*columns).join(ended, here).where(ended.c.rank == 1)
        return {
            row.node: Last(
                row.run_id, row.state, row.key, row.components or {}, row.error, row.outputs or {},
                row.metrics or {}, _seconds(row.started, row.finished),
            )
            for row in self._session.execute(statement)
        }  # fmt: skip

    def _earlier(self) -> dict[str, Earlier]:
        rank = func.row_number().over(
            partition_by=col(CacheEntry.node), order_by=desc(col(CacheEntry.created))
        )
        made = (
            select(col(CacheEntry.key), rank.label("rank"))
            .where(col(CacheEntry.pipeline) == self._pipeline)
            .subquery()
        )
        statement = (
            select(col(CacheEntry.node), col(CacheEntry.run_id), col(CacheEntry.components))
            .join(made, col(CacheEntry.key) == made.c.key)
            .where(made.c.rank == 1)
        )
        return {row[0]: Earlier(row[1], row[2] or {}) for row in self._session.execute(statement)}


def _seconds(started: float | None, finished: float | None) -> float | None:
    return None if started is None or finished is None else max(0.0, finished - started)
