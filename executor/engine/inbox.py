"""What other threads and processes ask of the engine through the database: new runs, cancelled runs."""

from __future__ import annotations

import logging
import sqlite3
import time

from sqlmodel import col, select

from executor.database.tables import NodeRun, Run
from executor.engine.desk import Desk
from executor.engine.failures import Failure
from executor.engine.loading import activate
from executor.engine.model import ActiveNode, ActiveRun
from executor.engine.recovery import Recovery
from executor.engine.scheduling import Scheduler
from executor.engine.states import NODE_FINAL, RUN_FINAL
from nodegraph.errors import Category, InvalidInput, NodeGraphError
from nodegraph.plan import Plan

# Runs in memory at a time; the others stay queued in the database, first in, first out.
MAX_ACTIVE = 100
LOOK_EVERY = 0.1

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

    def look(self, *, now: bool = False) -> None:
        """Take up new runs and cancel what was cancelled. Cheap where nothing has changed."""
        if not now and time.monotonic() - self._looked < LOOK_EVERY:
            return
        self._looked = time.monotonic()
        version = self._data_version()
        if version == self._version:
            return
        self._version = version
        with self._desk.world.database.read() as session:
            statement = select(Run.id, Run.cancel_requested).where(col(Run.state).in_(("queued", "running")))
            found = session.exec(statement.order_by(col(Run.id))).all()
        for number, cancelled in found:
            if number is None or self._only not in (None, number):
                continue
            active = self._desk.runs.get(number)
            if active is None and (len(self._desk.runs) < MAX_ACTIVE or cancelled):
                active = self._take_up(number)
            if active is not None and cancelled:
                self._cancel(active)

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()

    def _take_up(self, number: int) -> ActiveRun | None:
        with self._desk.world.database.read() as session:
            run = session.get(Run, number)
        if run is None or run.state in RUN_FINAL:
            return None
        try:
            active = activate(self._desk.world.database, self._desk.world.registry, run)
        except NodeGraphError as error:
            _log.warning("run %s cannot be taken up: %s", run.id, error)
            self._recovery.abandon(number)
            active = self._broken(run, error)
        self._desk.runs[active.id] = active
        self._recovery.take_up(active)
        return active

    def _broken(self, run: Run, error: NodeGraphError) -> ActiveRun:
        """A run whose pipeline cannot run here any more: its open nodes fail with the reason."""
        active = ActiveRun(run, Plan({}, {}), {})
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
        if self._connection is None:
            self._connection = self._desk.world.database.connection()
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return version
