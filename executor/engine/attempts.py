"""One attempt at a node: intent, start, watching it run, stopping it."""

from __future__ import annotations

import dataclasses
import time
from typing import Literal

from executor.database.rows import quick
from executor.database.tables import Attempt
from executor.engine import failures, jobs
from executor.engine.desk import Desk
from executor.engine.endings import Endings
from executor.engine.hearing import listen
from executor.engine.limits import bound
from executor.engine.model import ActiveNode, Watch
from executor.engine.tailing import EventTail
from executor.launchers.base import EVENTS, AttemptSpec, Cancelled, Handle
from nodegraph.pipeline import seconds

GRACE_SECONDS = 5.0
# The harness ends itself at its deadline; the engine waits this much longer before it does.
_OVERTIME = 5.0
# How long a node that has said that it is done may take to end.
_LINGER = 30.0
# How often the files of running attempts are read, in seconds: after a twentieth of the time they have run.
_WATCH_OFTEN, _WATCH_SELDOM, _WATCH_SHARE = 0.002, 0.025, 0.05
_NEW_ATTEMPT = quick(Attempt)


class Attempts:
    """Begins, watches and stops attempts. Lives in the engine's thread; what takes time goes to workers."""

    def __init__(self, desk: Desk, endings: Endings) -> None:
        self._desk = desk
        self._endings = endings
        endings.watch_again = self._watch_again
        self._oom_kills = failures.OomKills()
        self.running: dict[ActiveNode, None] = {}

    def begin(self, node: ActiveNode) -> None:
        """Commit the intent of a new attempt, then start it."""
        row, run = node.row, node.run
        row.attempts += 1
        row.state = "running"
        row.started = row.started or time.time()
        row.error = row.progress = row.retry_at = None
        lease = node.lease
        assert lease is not None
        node.attempt = _NEW_ATTEMPT(
            run_id=run.id, node=node.name, number=row.attempts, launcher=run.row.launcher,
            directory=str(self._desk.world.data_dir.attempt(run.id, node.name, row.attempts)),
            host=lease.host, cpu=lease.cpu, memory_gb=lease.memory_gb, gpu_kind=lease.gpu_kind,
            gpus=list(lease.gpus) if lease.gpus else None, price=lease.price,
            created=time.time(),
        )  # fmt: skip
        self._desk.journal.add(node.attempt)
        self._desk.show(node)
        self.launch(node)

    def launch(self, node: ActiveNode) -> None:
        """Start an attempt once its intent is committed; after a restart it was before."""
        node.phase = "starting"
        self._desk.journal.after(
            lambda: self._desk.workers.do(
                lambda: self._launch(node),
                lambda found: self._launched(node, *found),
                lambda error: self._not_launched(node, error),
            )
        )

    def follow(self, node: ActiveNode, handle: Handle, deadline: float | None) -> None:
        """From now on watch an attempt that runs, or has run, under this handle."""
        attempt = node.attempt
        assert attempt is not None
        attempt.state, attempt.handle, attempt.deadline = "running", handle, deadline
        attempt.started = attempt.started or time.time()
        if node.row.error is not None:  # a former server had lost sight of it
            node.row.error, node.row.reason = None, node.why
            self._desk.show(node)
        # After a kill it is found by its directory, as one whose start was not seen.
        self._desk.journal.change_later(attempt)
        node.phase = "running"
        node.watch = Watch(EventTail(f"{attempt.directory}/{EVENTS}"))
        self.running[node] = None
        if node.stop:
            self.stop(node, node.stop)

    def stop(self, node: ActiveNode, why: Literal["", "cancelled", "timeout"]) -> None:
        """End an attempt with all its processes; one that is being started is stopped as soon as it is."""
        node.stop = node.stop or why
        if node.phase == "running":
            self.running.pop(node, None)
            self._endings.finish_attempt(node, GRACE_SECONDS)

    def watch(self) -> None:
        """Read what the running attempts have written, and see which have ended."""
        now = time.time()
        for node in list(self.running):
            attempt = node.attempt
            assert attempt is not None
            poll = self._endings.launcher(node).poll(node.directory, attempt.handle)
            if poll.state != "running":
                self.running.pop(node, None)
                self._endings.finish_attempt(node, 0.0)
                continue
            self._tell_unknown(node, poll.reason)
            listen(self._desk, node, now)
            bound(self._desk, node, now, lambda node: self.stop(node, ""))
            if not poll.reason:
                self._check(node, now)

    def patience(self) -> float:
        """Seconds until the next look: a short attempt is not to wait long for its end to be seen."""
        now = time.time()
        youngest = min(
            (now - (node.attempt.started or now) for node in self.running if node.attempt), default=0.0
        )
        return min(_WATCH_SELDOM, max(_WATCH_OFTEN, youngest * _WATCH_SHARE))

    def _watch_again(self, node: ActiveNode) -> None:
        """Its host went away when it was to be ended: it counts as running until the host is back."""
        node.phase = "running"
        self.running[node] = None

    def _tell_unknown(self, node: ActiveNode, unknown: str) -> None:
        """Show why nothing is known of an attempt now; once something is, what was shown before."""
        watch, row = node.watch, node.row
        assert watch is not None
        if unknown and watch.shown is None:
            watch.shown = node.why if row.reason == unknown else row.reason
            row.reason, row.error = unknown, failures.waits(unknown)
            self._desk.show(node)
        elif not unknown and watch.shown is not None:
            row.reason, watch.shown, row.error = watch.shown, None, None
            self._desk.show(node)

    def _check(self, node: ActiveNode, now: float) -> None:
        watch, attempt = node.watch, node.attempt
        assert watch is not None and attempt is not None
        if attempt.deadline is not None and now > attempt.deadline + _OVERTIME:
            self.stop(node, "timeout")
        elif watch.done_at is not None and now > watch.done_at + _LINGER:
            self.stop(node, "")

    def _launch(self, node: ActiveNode) -> tuple[Handle, float | None]:
        """In a worker thread: prepare, write the job, start."""
        attempt, world = node.attempt, self._desk.world
        assert attempt is not None
        launcher, directory = self._endings.launcher(node), node.directory
        jobs.fresh_directory(directory)
        if attempt.number == 1 and not node.run.row.use_cache:
            jobs.forget_checkpoints(world, node)
        spec = jobs.spec_of(world, node, directory)
        launcher.prepare(spec, lambda sentence: self._say(node, sentence))
        self._say(node, "")
        spec = _with_deadline(spec, node.plan.node.timeout)
        jobs.write_job(spec)
        attempt.oom_kills = self._oom_kills.lately()
        return launcher.start(spec), spec.deadline

    def _launched(self, node: ActiveNode, handle: Handle, deadline: float | None) -> None:
        if node.row.reason != node.why:
            node.row.reason = node.why
            self._desk.show(node)
        self.follow(node, handle, deadline)

    def _not_launched(self, node: ActiveNode, error: BaseException) -> None:
        if isinstance(error, Cancelled):
            # Where nobody cancelled, the engine is stopping: the intent stays for the next start.
            if node.stop:
                self._endings.failed(node, self._endings.stopped(node))
        else:
            self._endings.failed(node, failures.of_error(error))

    def _say(self, node: ActiveNode, sentence: str) -> None:
        """Called by launchers, in a worker thread, while they prepare."""
        if node.stop or self._desk.stopping:
            raise Cancelled
        if sentence:
            self._desk.workers.post(lambda: self._explain(node, sentence))

    def _explain(self, node: ActiveNode, sentence: str) -> None:
        if node.phase == "starting":
            node.row.reason = sentence
            self._desk.show(node)


def _with_deadline(spec: AttemptSpec, timeout: str | None) -> AttemptSpec:
    """The time limit counts from the start of the node, not from the making of its environment."""
    if timeout is None:
        return spec
    deadline = time.time() + seconds(timeout)
    job = spec.job.model_copy(update={"deadline": deadline})
    return dataclasses.replace(spec, job=job, deadline=deadline)
