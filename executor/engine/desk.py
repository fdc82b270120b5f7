"""What the parts of the engine share: the world, the runs, the pen, the workers, and who is told."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from executor.engine import failures
from executor.engine.events import Hub, Update
from executor.engine.journal import Journal
from executor.engine.leases import Leases
from executor.engine.model import ActiveNode, ActiveRun
from executor.engine.outbox import notifications_of
from executor.engine.states import NODE_FINAL, NODE_GOOD, RUN_FINAL, NodeState, run_state
from executor.engine.workers import Workers
from executor.engine.world import World


class Desk:
    """Belongs to the engine's thread; the only place where runs and nodes reach their final states."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.leases = Leases()
        self.journal = Journal(world.database)
        self.workers = Workers()
        self.hub = Hub()
        self.runs: dict[int, ActiveRun] = {}
        self.movable: deque[ActiveNode] = deque()
        self.flights: dict[str, tuple[ActiveNode, list[ActiveNode]]] = {}
        self.stopping = False
        self._updates: list[Update] = []

    def tell(self, update: Update) -> None:
        """Tell subscribers, once what has been written so far is committed."""
        self._updates.append(update)

    def flush(self) -> bool:
        """Commit, act, tell; False where the database would not have it."""
        if not self.journal.flush():
            return False
        updates, self._updates = self._updates, []
        if updates:
            self.hub.publish(updates)
        return True

    def show(self, node: ActiveNode) -> None:
        """The row of a node has changed: write it, tell it."""
        row = node.row
        self.journal.change(row)
        data: dict[str, Any] = {
            "state": row.state, "reason": row.reason, "attempts": row.attempts, "source_run": row.source_run,
            "error": row.error, "started": row.started, "finished": row.finished,
        }  # fmt: skip
        self.tell(Update("node", node.run.id, node.name, data))

    def admit(self, run: ActiveRun) -> None:
        """A run waits no more: from now on its nodes do."""
        if run.row.reason and run.row.state == "queued":
            run.row.reason = ""
            self._show_run(run)

    def begin_run(self, run: ActiveRun) -> None:
        """The first node of a run starts, or ends without."""
        if run.row.state == "queued":
            run.row.state = "running"
            run.row.started = time.time()
            self._show_run(run)

    def finish(self, node: ActiveNode, state: NodeState, reason: str = "") -> None:
        """Bring a node to its final state; a state that is final stays."""
        if node.row.state in NODE_FINAL:
            return
        self.begin_run(node.run)
        node.row.state = state
        node.row.reason = reason
        ended = node.attempt.finished if node.attempt is not None else None
        node.row.finished = ended or time.time()
        node.row.retry_at = node.row.waiting = None
        node.phase = "done"
        if state in NODE_GOOD or state == "skipped" or (state == "cancelled" and node.attempt is None):
            node.row.error = None
        self.release(node)
        self.land(node)
        self.show(node)
        node.run.open -= 1
        for later in node.run.after.get(node.name, []):
            later.missing -= 1
            if later.missing == 0:
                self.movable.append(later)
        self.close(node.run)

    def close(self, run: ActiveRun) -> None:
        """Bring a run to its final state once all its nodes are."""
        if run.open or run.row.state in RUN_FINAL:
            return
        run.row.state = run_state((node.row.state for node in run.nodes.values()), run.row.cancel_requested)
        if run.overdue and run.row.state == "succeeded" and self._was_cut(run):
            run.row.state = "failed"
        run.row.started = run.row.started or time.time()
        run.row.finished = time.time()
        self._show_run(run)
        self.journal.after(lambda: self._forget(run))
        self._notify(run)
        if run.row.state == "failed" and run.row.resubmits:
            self.journal.after(self.resubmit)

    def resubmit(self) -> None:
        """Have runs submitted again that infrastructure has failed; also those of a former server."""
        self.workers.do(self.world.resubmit, lambda _: None, lambda _: None)

    def _notify(self, run: ActiveRun) -> None:
        """What is to be told of its end is committed with it; where nobody is to be told, nothing is."""
        if made := notifications_of(run):
            for row in made:
                self.journal.add(row)
            self.journal.after(self.world.wake_sender)

    def _was_cut(self, run: ActiveRun) -> bool:
        """Whether nodes were skipped because the time of the run was over."""
        reason = failures.run_timed_out(run.row.time_limit).message
        return any(node.row.state == "skipped" and node.row.reason == reason for node in run.nodes.values())

    def _forget(self, run: ActiveRun) -> None:
        self.runs.pop(run.id, None)

    def release(self, node: ActiveNode) -> None:
        """Give back the cores, memory and GPUs of a node."""
        if node.lease is not None:
            self.leases.release(node.lease)
            node.lease = None

    def land(self, node: ActiveNode) -> None:
        """A node no longer computes its key: whoever waited for it looks again."""
        key = node.row.key
        if key and key in self.flights and self.flights[key][0] is node:
            _, waiting = self.flights.pop(key)
            self.movable.extend(waiting)

    def _show_run(self, run: ActiveRun) -> None:
        self.journal.change(run.row)
        reason = {"reason": run.row.reason} if run.row.reason else {}
        self.tell(Update("run", run.id, data={"state": run.row.state, **reason}))
