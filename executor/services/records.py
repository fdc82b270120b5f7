"""What an attempt left in its directory: log, metrics over time, preview."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from executor.data_dir import DataDir
from executor.database.session import Database
from executor.database.tables import Attempt, NodeRun, Run
from executor.engine.tailing import read_events
from executor.launchers.base import EVENTS, LOG, PREVIEW
from executor.services.views import AttemptView, attempt_view
from nodegraph.errors import NotFound
from nodegraph.events import Metric
from nodegraph.suggest import did_you_mean


class Records:
    """Reads attempts' files. Of a cached node, those of the run that it came from."""

    def __init__(self, database: Database, data_dir: DataDir) -> None:
        self._database = database
        self._data_dir = data_dir

    def find(self, session: Session, run: int | str) -> Run:
        """The row of a run; NotFound."""
        row = session.get(Run, int(run)) if str(run).isascii() and str(run).isdigit() else None
        if row is None:
            raise NotFound(f"There is no run {run}.", "`nodegraph runs` lists them.")
        return row

    def attempts(self, run: int | str, node: str) -> list[AttemptView]:
        """The attempts at a node, the first first; for a cached node, those of the run it came from."""
        with self._database.read() as session:
            row = self._node(session, run, node)
            place = (row.source_run, row.source_node) if row.state == "cached" else (row.run_id, row.node)
            statement = select(Attempt).where(Attempt.run_id == place[0], Attempt.node == place[1])
            return [attempt_view(attempt) for attempt in session.exec(statement.order_by("number"))]

    def log_path(self, run: int | str, node: str, attempt: int | None = None) -> Path | None:
        """The log file of an attempt, the latest where none is named; None where nothing has started."""
        found = [one for one in self.attempts(run, node) if attempt in (None, one.number)]
        if attempt is not None and not found:
            raise NotFound(
                f"The node {node} of run {run} has no attempt {attempt}.", "Name none for the latest."
            )
        return Path(found[-1].directory) / LOG if found else None

    def log(
        self, run: int | str, node: str, attempt: int | None = None, *, offset: int = 0, limit: int = -1
    ) -> bytes:
        """The bytes of a log as they were written, from `offset`, at most `limit`."""
        path = self.log_path(run, node, attempt)
        if path is None or not path.exists():
            return b""
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(limit)

    def metrics(self, run: int | str, node: str) -> list[dict[str, Any]]:
        """Every number a node has reported, over all its attempts: name, value, step, time, attempt."""
        return [
            {**event.model_dump(exclude={"event"}), "attempt": attempt.number}
            for attempt in self.attempts(run, node)
            for event in read_events(Path(attempt.directory) / EVENTS)
            if isinstance(event, Metric)
        ]

    def preview(self, run: int | str, node: str) -> list[dict[str, Any]]:
        """The blocks that a node shows of its result; empty where it shows none."""
        for attempt in reversed(self.attempts(run, node)):
            path = Path(attempt.directory) / PREVIEW
            if attempt.state == "succeeded" and path.exists():
                blocks: list[dict[str, Any]] = json.loads(path.read_bytes())
                return blocks
        return []

    def _node(self, session: Session, run: int | str, node: str) -> NodeRun:
        row = self.find(session, run)
        found = session.get(NodeRun, (row.id, node))
        if found is None:
            names = session.exec(select(NodeRun.node).where(NodeRun.run_id == row.id)).all()
            raise NotFound(f"Run {run} has no node {node}.", did_you_mean(node, names))
        return found
