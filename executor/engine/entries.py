"""What the cache holds: the outputs that a key stands for, and what changed since a node last succeeded."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from executor.database.rows import quick
from executor.database.tables import CacheEntry
from executor.engine.desk import Desk
from executor.engine.model import ActiveNode
from nodegraph.plan import explain

_NEW_ENTRY = quick(CacheEntry)


class Entries:
    """Reads cache entries over a connection of its own: a chain of a thousand cached nodes is one turn."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._connection: sqlite3.Connection | None = None

    def find(self, key: str) -> dict[str, Any] | None:
        """The entry of a key: key, run_id, node, outputs, metrics."""
        unwritten = self._desk.journal.entry(key)
        if unwritten is not None:
            return vars(unwritten)
        if self._desk.journal.dropped(key):
            return None
        rows = self._query("SELECT run_id, node, outputs, metrics FROM cacheentry WHERE key = ?", (key,))
        if not rows:
            return None
        run_id, node, outputs, metrics = rows[0]
        return {
            "key": key,
            "run_id": run_id,
            "node": node,
            "outputs": json.loads(outputs) if outputs else {},
            "metrics": json.loads(metrics) if metrics else None,
        }

    def changes(self, node: ActiveNode) -> str:
        """What is different from the last time that this node of this pipeline succeeded."""
        rows = self._query(
            "SELECT components, run_id FROM cacheentry WHERE pipeline = ? AND node = ?"
            " ORDER BY created DESC LIMIT 1",
            (node.run.row.pipeline, node.name),
        )
        if not rows:
            return ""
        changed = explain(json.loads(rows[0][0]), node.row.components)
        return f"changed since run {rows[0][1]}: {', '.join(changed)}" if changed else ""

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()

    def _query(self, statement: str, values: tuple[Any, ...]) -> list[Any]:
        if self._connection is None:
            self._connection = self._desk.world.database.connection()
        return self._connection.execute(statement, values).fetchall()


def entry_of(node: ActiveNode) -> CacheEntry:
    """What the cache keeps of a node that succeeded."""
    row = node.row
    assert row.key is not None and row.finished is not None
    return _NEW_ENTRY(
        key=row.key, pipeline=node.run.row.pipeline, node=row.node, run_id=row.run_id,
        components=row.components, outputs=row.outputs, metrics=row.metrics, created=row.finished,
    )  # fmt: skip
