"""What other threads and processes ask of the engine through the database: new runs, cancelled runs."""

from __future__ import annotations

import logging
import sqlite3
import time
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from executor.database.tables import NodeRun, Run
from executor.engine.admission import Standing, admit
from executor.engine.desk import Desk
from executor.engine.events import Update
from executor.engine.failures import Failure
from executor.engine.loading import activate, notify_of
from executor.engine.model import ActiveNode, ActiveRun
from executor.engine.recovery import Recovery
from executor.engine.scheduling import Scheduler
from executor.engine.states import NODE_FINAL, RUN_FINAL
from nodegraph.errors import Category, InvalidInput, NodeGraphError, Unavailable
from nodegraph.plan import Plan

LOOK_EVERY = 0.1
_EXPLAIN_EVERY = 1.0
# Of the runs that wait, only the first are told what for: the reasons of the others change too often.
_EXPLAINED = 100

_OPEN_RUNS = """
    SELECT id, state, cancel_requested, pipeline, priority, user, concurrency, not_before, reason
    FROM run WHERE state IN ('queued', 'running')
"""

_log = logging.getLogger(__name__)


class Inbox:
    """Looks whether anything was committed since the last look, and only then asks what."""

    def __init__(self, desk: Desk, recovery: Recovery, scheduler: Scheduler, only: int | None) -> None:
        self._desk = desk
        self._recovery = recovery
        self._scheduler = scheduler
        self._only = only
        self._connection: sqlite3.Connection | None = None
        self._version = -1
        self._looked = 0.0
        self._next_start: float | None = None
        self._held_back = self._limited = False
        self._active = 0
        self._reasons: dict[int, str] = {}
        self._explained = 0.0

    def look(self, *, now: bool = False) -> None:
        """Take up new runs and cancel what was cancelled. Cheap where nothing has changed."""
        if not now and not self.eager and time.monotonic() - self._looked < LOOK_EVERY:
            return
        self._looked = time.monotonic()
        self._explain()
        self._active = len(self._desk.runs)
        version = self._data_version()
        due = self._next_start is not None and time.time() >= self._next_start
        if version == self._version and not due and not (self._held_back and self._scheduler.roomy):
            return
        self._version = version
        found = [Standing(*row) for row in self._ask(_OPEN_RUNS)]
        if self._only is not None:
            found = [run for run in found if run.id == self._only]
        self._take(found)

    @property
    def eager(self) -> bool:
        """Whether a run has ended that another one waits for."""
        return self._limited and len(self._desk.runs) < self._active

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()

    def _take(self, found: list[Standing]) -> None:
        decided = admit(found, self._desk.runs, time.time(), roomy=self._scheduler.roomy)
        self._next_start = decided.next_start
        self._held_back, self._limited = decided.held_back, decided.limited
        said = {run.id: run.reason for run in found}
        told = list(decided.reasons.items())
        later = {number: f"behind {_EXPLAINED} others" for number, _ in told[_EXPLAINED:]}
        reasons = {**dict(told), **later}
        self._reasons = {number: reason for number, reason in reasons.items() if said[number] != reason}
        for number in decided.runs:
            self._take_up(number)
        self._active = len(self._desk.runs)
        for run in found:
            if run.cancelled and (active := self._desk.runs.get(run.id)) is not None:
                self._cancel(active)

    def _explain(self) -> None:
        """Write the reasons of runs that wait, about once a second; they are in nobody's memory."""
        if not self._reasons or time.monotonic() - self._explained < _EXPLAIN_EVERY:
            return
        self._explained = time.monotonic()
        reasons, self._reasons = self._reasons, {}
        try:
            with self._desk.world.database.write() as session:
                for number, reason in reasons.items():
                    statement = update(Run).where(col(Run.id) == number, col(Run.state) == "queued")
                    session.execute(statement.values(reason=reason))
        except Unavailable as error:
            _log.debug("%s", error.message)
            return
        for number, reason in reasons.items():
            self._desk.tell(Update("run", number, data={"state": "queued", "reason": reason}))

    def _take_up(self, number: int) -> None:
        with self._desk.world.database.read() as session:
            run = session.get(Run, number)
        if run is None or run.state in RUN_FINAL:
            return
        self._reasons.pop(number, None)
        try:
            active = activate(self._desk.world.database, self._desk.world.registry, run)
        except NodeGraphError as error:
            _log.warning("run %s cannot be taken up: %s", run.id, error)
            self._recovery.abandon(number)
            active = self._broken(run, error)
        self._desk.runs[active.id] = active
        self._desk.admit(active)
        self._recovery.take_up(active)

    def _broken(self, run: Run, error: NodeGraphError) -> ActiveRun:
        """A run whose pipeline cannot run here any more: its open nodes fail with the reason."""
        active = ActiveRun(run, Plan({}, {}), {}, notify=notify_of(run))
        category: Category = "input" if isinstance(error, InvalidInput) else "infrastructure"
        failure = Failure(category, error.message, error.hint)
        with self._desk.world.database.read() as session:
            rows = session.exec(select(NodeRun).where(NodeRun.run_id == run.id)).all()
        for row in rows:
            active.nodes[row.node] = ActiveNode(active, row, None)
        open_nodes = [node for node in active.nodes.values() if node.row.state not in NODE_FINAL]
        active.open = len(open_nodes)
        for node in open_nodes:
            node.row.error = failure.as_dict()
            self._desk.finish(node, "failed")
        return active

    def _cancel(self, run: ActiveRun) -> None:
        if run.row.cancel_requested and run.row.state == "cancelled":
            return
        run.row.cancel_requested = True
        for node in list(run.nodes.values()):
            self._scheduler.cancel(node)
        self._desk.close(run)

    def _data_version(self) -> int:
        version: int = self._ask("PRAGMA data_version")[0][0]
        return version

    def _ask(self, statement: str) -> list[tuple[Any, ...]]:
        if self._connection is None:
            self._connection = self._desk.world.database.connection()
        return self._connection.execute(statement).fetchall()
