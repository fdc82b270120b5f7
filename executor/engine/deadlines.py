"""Runs whose time runs out: what runs is stopped, what has not started is skipped, the run fails."""

from __future__ import annotations

import time

from executor.engine import failures
from executor.engine.attempts import Attempts
from executor.engine.desk import Desk
from executor.engine.model import ActiveNode, ActiveRun


class TimeLimits:
    """The time limits of runs; they count from a run's start, also while no server was there."""

    def __init__(self, desk: Desk, attempts: Attempts) -> None:
        self._desk = desk
        self._attempts = attempts

    def check(self) -> None:
        """End the runs whose time has run out."""
        now = time.time()
        for run in list(self._desk.runs.values()):
            row = run.row
            if row.time_limit and row.started and not run.overdue and now > row.started + row.time_limit:
                self._end(run)

    def _end(self, run: ActiveRun) -> None:
        run.overdue = True
        for node in list(run.nodes.values()):
            if node.phase in ("starting", "running"):
                self._attempts.stop(node, "timeout")
            elif node.phase == "paused":
                self._fail(node)
            elif node.phase not in ("ending", "done"):
                self._desk.finish(node, "skipped", failures.run_timed_out(run.row.time_limit).message)

    def _fail(self, node: ActiveNode) -> None:
        node.row.error = failures.run_timed_out(node.run.row.time_limit).as_dict()
        self._desk.finish(node, "failed")
