"""After a restart: runs that had not ended are taken up again, and attempts that run or ran are found."""

from __future__ import annotations

import contextlib
import time
from functools import partial
from pathlib import Path

from sqlmodel import col, select

from executor.database.tables import Attempt, Run
from executor.engine import failures, jobs
from executor.engine.attempts import GRACE_SECONDS, Attempts
from executor.engine.cache import Cache
from executor.engine.desk import Desk
from executor.engine.endings import Endings
from executor.engine.leases import Lease
from executor.engine.model import ActiveNode, ActiveRun
from executor.engine.pauses import Pauses
from executor.engine.states import ATTEMPT_OPEN, NODE_FINAL, RUN_FINAL
from executor.launchers.base import Handle, Launcher, LaunchError, Unreachable


class Recovery:
    """Brings a run that the database holds into the engine, as far as it had come."""

    def __init__(
        self, desk: Desk, cache: Cache, attempts: Attempts, endings: Endings, pauses: Pauses
    ) -> None:
        self._desk = desk
        self._cache = cache
        self._attempts = attempts
        self._endings = endings
        self._pauses = pauses

    def take_up(self, run: ActiveRun) -> None:
        """Let every node of a run go on from where its row and its attempts say it is."""
        with self._desk.world.database.read() as session:
            attempts = session.exec(select(Attempt).where(Attempt.run_id == run.id)).all()
        for attempt in sorted(attempts, key=lambda attempt: attempt.number):
            node = run.nodes[attempt.node]
            node.attempt = attempt if attempt.state in ATTEMPT_OPEN else None
            if attempt.state in ("failed", "lost"):
                node.spent += attempt.spent
                node.unlucky += not attempt.spent
        for node in run.nodes.values():
            if node.row.state not in NODE_FINAL:
                self._take_up_node(node)
        self._desk.close(run)

    def abandon(self, run: int) -> None:
        """End the attempts of a run that cannot go on here; they are open until they have ended."""
        with self._desk.world.database.read() as session:
            attempts = session.exec(select(Attempt).where(Attempt.run_id == run)).all()
        for attempt in attempts:
            if attempt.state not in ATTEMPT_OPEN:
                continue
            launcher = self._desk.world.launchers.get(attempt.launcher)
            if launcher is None:
                self._close(attempt)
                continue
            # Until it has ended, nobody else may have its GPUs.
            lease = self._lease_of(attempt, "")
            self._desk.leases.claim(lease)
            self._desk.workers.do(
                partial(_end, launcher, Path(attempt.directory), attempt.handle, attempt.host),
                partial(self._abandoned, attempt, lease),
                partial(self._not_abandoned, lease),
            )

    def finish_abandoning(self) -> None:
        """End what a server was killed over before it had ended it: open attempts of runs that have ended."""
        with self._desk.world.database.read() as session:
            statement = select(Attempt.run_id).join(Run, col(Run.id) == Attempt.run_id)
            found = session.exec(
                statement.where(col(Attempt.state).in_(ATTEMPT_OPEN), col(Run.state).in_(RUN_FINAL))
            ).all()
        for run in set(found):
            self.abandon(run)

    def _abandoned(self, attempt: Attempt, lease: Lease, _: None) -> None:
        self._desk.leases.release(lease)
        self._close(attempt)

    def _not_abandoned(self, lease: Lease, _: BaseException) -> None:
        self._desk.leases.release(lease)

    def _close(self, attempt: Attempt) -> None:
        attempt.state, attempt.finished = "lost", time.time()
        self._desk.journal.change(attempt)

    def _take_up_node(self, node: ActiveNode) -> None:
        if node.attempt is not None:
            self._find(node, node.attempt)
            return
        # The key is worked out anew: a file may have changed while nobody looked.
        node.row.state, node.row.key = "queued", None
        if node.row.waiting:
            # It has waited since then, whoever was there to see it.
            node.since, node.row.waiting = node.row.waiting["since"], None
        if node.row.retry_at is not None:
            self._pauses.resume(node)
        elif node.missing == 0:
            self._desk.movable.append(node)

    def _find(self, node: ActiveNode, attempt: Attempt) -> None:
        """Ask the launcher for an attempt that was begun; until it answers, the node's place is taken."""
        try:
            launcher = self._endings.launcher(node)
        except LaunchError as error:
            self._endings.failed(node, failures.of_error(error))
            return
        self._cache.claim(node)
        node.lease = self._lease_of(attempt, node.run.row.user)
        self._desk.leases.claim(node.lease)
        node.phase = "starting"
        directory, handle = Path(attempt.directory), attempt.handle
        self._desk.workers.do(
            lambda: launcher.adopt(directory, handle, attempt.host),
            lambda found: self._found(node, attempt, found),
            lambda error: self._endings.failed(node, failures.of_error(error)),
        )

    def _lease_of(self, attempt: Attempt, user: str) -> Lease:
        """What an attempt was given when it was begun."""
        host = self._desk.world.inventory.get(attempt.host)
        gpus = tuple(attempt.gpus) if attempt.gpus else (() if host is not None and host.gpus else None)
        return Lease(
            attempt.host, attempt.cpu, attempt.memory_gb, gpus, attempt.gpu_kind, attempt.price, user
        )

    def _found(self, node: ActiveNode, attempt: Attempt, handle: Handle | None) -> None:
        if handle is not None:
            # How many there had been before it started, a kill at that very moment has lost.
            attempt.oom_kills = attempt.oom_kills or failures.kernel_oom_kills()
            deadline = attempt.deadline or jobs.deadline_of(Path(attempt.directory))
            self._attempts.follow(node, handle, deadline)
        elif attempt.state == "intent":
            # Nothing was started under this intent: start it now, as the same attempt.
            if self._cache.locate(node):
                self._attempts.launch(node)
        else:
            reason = "It was gone when the server came back, and left no exit status."
            self._endings.failed(node, failures.lost(reason), "lost")


def _end(launcher: Launcher, directory: Path, handle: Handle | None, host: str) -> None:
    found = launcher.adopt(directory, handle, host)
    if found is not None:
        # Where its host does not answer, it is removed once it does.
        with contextlib.suppress(Unreachable):
            launcher.stop(directory, found, GRACE_SECONDS)
        launcher.cleanup(directory, found)
