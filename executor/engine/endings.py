"""How an attempt ends: swept up, its outputs kept, tried again, or failed."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from executor.database.rows import quick
from executor.database.tables import Artifact
from executor.engine import failures, jobs
from executor.engine.commit import keep_outputs
from executor.engine.desk import Desk
from executor.engine.entries import entry_of
from executor.engine.failures import INFRASTRUCTURE_RETRIES, Failure
from executor.engine.hearing import Rest, listen_out
from executor.engine.model import ActiveNode
from executor.engine.pauses import Pauses
from executor.launchers import limits
from executor.launchers.base import LOG, Cancelled, Launcher, LaunchError, Poll, Unreachable
from executor.store.store import Stored
from nodegraph.pipeline import seconds

_INFRASTRUCTURE_DELAY = 1.0
_NEW_ARTIFACT = quick(Artifact)


@dataclass(frozen=True)
class Ended:
    """What a worker found at the end of an attempt: how it ended, what it said last, and what it has made.

    `lost` is why that could not be kept; `at` when it ended, where that was long before anybody looked.
    """

    poll: Poll
    rest: Rest
    at: float | None = None
    kept: dict[str, Stored] | None = None
    lost: Exception | None = None


class Endings:
    """Brings attempts, and with them nodes, to their end. Lives in the engine's thread."""

    def __init__(self, desk: Desk, pauses: Pauses) -> None:
        self._desk = desk
        self._pauses = pauses
        self.watch_again: Callable[[ActiveNode], None] = lambda node: None

    def launcher(self, node: ActiveNode) -> Launcher:
        """The launcher of a node's run; LaunchError where this machine has none of that name."""
        name = node.run.row.launcher
        found = self._desk.world.launchers.get(name)
        if found is None:
            known = ", ".join(self._desk.world.launchers)
            raise LaunchError("input", f"There is no launcher {name} here.", f"There are: {known}.")
        return found

    def finish_attempt(self, node: ActiveNode, grace: float) -> None:
        """End what is left of an attempt's processes, then decide what its end means.

        Also for an attempt that has exited by itself: children that it left would go on writing.
        """
        node.phase = "ending"
        launcher, world = self.launcher(node), self._desk.world
        attempt, watch = node.attempt, node.watch
        assert attempt is not None and watch is not None
        directory, handle = node.directory, attempt.handle
        kinds = jobs.output_kinds(node.plan)

        def wanted() -> bool:
            return not (node.stop == "cancelled" or node.run.row.cancel_requested)

        def end() -> Ended:
            before = launcher.poll(directory, handle)
            launcher.stop(directory, handle, grace, wanted)
            log = directory / LOG
            limits.cut_log(log, limits.log_limit(), ended=True)
            jobs.remove_leftovers(directory)
            poll = before if before.state != "running" else launcher.poll(directory, handle)
            rest, at = Rest(watch.tail, log), jobs.ended_earlier(directory)
            if not rest.done and watch.done_at is None:
                return Ended(poll, rest, at)
            # It said so after its outputs had passed their check; how the process then ended does not matter.
            try:
                kept = keep_outputs(world.store, directory, kinds)
                # Before anyone else may compute this key, who would find the checkpoints vanish.
                jobs.forget_checkpoints(world, node)
            except Exception as error:
                return Ended(poll, rest, at, lost=error)
            return Ended(poll, rest, at, kept)

        self._desk.workers.do(
            end,
            lambda ended: self._conclude(node, ended),
            lambda error: self._not_ended(node, error),
        )

    def _not_ended(self, node: ActiveNode, error: BaseException) -> None:
        """Where its host does not answer, an attempt may run on: only a cancel is final."""
        if isinstance(error, Cancelled):
            self.failed(node, failures.cancelled())
        elif not isinstance(error, Unreachable):
            self.failed(node, failures.of_error(error))
        elif node.stop == "cancelled" or node.run.row.cancel_requested:
            self.failed(node, failures.cancelled())
        else:
            self.watch_again(node)

    def failed(self, node: ActiveNode, failure: Failure, state: str = "failed") -> None:
        """An attempt failed: try again where the node, or its bad luck, still has attempts; else fail."""
        attempt = node.attempt
        assert attempt is not None
        attempt.state = "cancelled" if failure.category == "cancelled" else state
        attempt.error, attempt.spent = failure.as_dict(), failure.spent
        attempt.finished = attempt.finished or time.time()
        self._desk.journal.change(attempt)
        directory = node.directory
        # At once, for the commit that follows may need the space.
        self._desk.workers.clean(lambda: jobs.remove_outputs(directory))
        self._clean_up(node)
        node.row.error = failure.as_dict()
        node.spent += failure.spent
        node.unlucky += not failure.spent
        retry = node.plan.node.retry
        if node.run.row.cancel_requested or failure.category == "cancelled":
            self._desk.finish(node, "cancelled", "the run was cancelled")
        elif node.run.overdue:
            self._desk.finish(node, "failed", node.why)
        elif not failure.spent and node.unlucky <= INFRASTRUCTURE_RETRIES:
            self._pauses.pause(node, _INFRASTRUCTURE_DELAY)
        elif failure.spent and retry is not None and node.spent < retry.attempts:
            self._pauses.pause(node, seconds(retry.delay))
        else:
            node.row.error = failures.last(failure).as_dict()
            self._desk.finish(node, "failed", node.why)

    def stopped(self, node: ActiveNode) -> Failure:
        """Why an attempt was stopped: by a person, or because its own time or that of its run ran out."""
        if node.stop != "timeout":
            return failures.cancelled()
        if node.run.overdue:
            return failures.run_timed_out(node.run.row.time_limit)
        limit = node.plan.node.timeout
        return failures.timed_out(seconds(limit) if limit else None)

    def _conclude(self, node: ActiveNode, ended: Ended) -> None:
        attempt, watch, poll = node.attempt, node.watch, ended.poll
        assert attempt is not None and watch is not None
        listen_out(self._desk, node, ended.rest)
        attempt.exit_code, attempt.finished = poll.exit_code, ended.at
        if ended.kept is not None:
            self._kept(node, ended.kept)
        elif ended.lost is not None:
            self.failed(node, failures.of_error(ended.lost))
        elif node.stop:
            self.failed(node, self.stopped(node))
        else:
            killed = failures.kernel_oom_kills() - attempt.oom_kills
            said = watch.bounds.over or watch.failed
            failure = failures.of_end(poll, said, killed) or failures.unfinished()
            if failure.category in ("node", "infrastructure") and jobs.disk_is_full(Path(attempt.directory)):
                failure = failures.disk_full(poll.exit_code)
            self.failed(node, failure, "lost" if poll.state == "lost" else "failed")

    def _kept(self, node: ActiveNode, kept: dict[str, Stored]) -> None:
        kinds = jobs.output_kinds(node.plan)
        node.row.outputs = {
            port: {"kind": kinds[port], "digest": stored.digest, "bytes": stored.bytes}
            for port, stored in kept.items()
        }
        self._desk.journal.keep([_artifact(node, port, kept[port]) for port in kept], None)
        self._desk.journal.change(node.row)
        services = [stored.path for port, stored in kept.items() if kinds[port] == "service"]
        if services:
            self._desk.journal.after(lambda: self._serve(node, services))
        else:
            self._succeed(node)

    def _serve(self, node: ActiveNode, services: list[Path]) -> None:
        """A node that deploys is green only once its service is healthy."""

        def start() -> None:
            for path in services:
                self._desk.world.on_service(path, node.row, say)

        def say(sentence: str) -> None:
            if node.stop or self._desk.stopping:
                raise Cancelled
            if sentence:
                self._desk.workers.post(lambda: self._explain(node, sentence))

        self._desk.workers.do(
            start, lambda _: self._succeed(node), lambda error: self._not_serving(node, error)
        )

    def _not_serving(self, node: ActiveNode, error: BaseException) -> None:
        if not isinstance(error, Cancelled):
            self.failed(node, failures.of_error(error))
        elif node.stop:
            self.failed(node, self.stopped(node))
        # Else the engine is stopping: the next one finds the attempt, and deploys again.

    def _explain(self, node: ActiveNode, sentence: str) -> None:
        if node.phase == "ending":
            node.row.reason = sentence
            self._desk.show(node)

    def _succeed(self, node: ActiveNode) -> None:
        attempt = node.attempt
        assert attempt is not None
        attempt.state, attempt.finished = "succeeded", attempt.finished or time.time()
        self._desk.journal.change(attempt)
        self._desk.finish(node, "succeeded", node.why)
        if node.plan.registered.node.cached:
            self._desk.journal.keep([], entry_of(node))
        self._clean_up(node)

    def _clean_up(self, node: ActiveNode) -> None:
        """Once the end is committed, what lies outside the attempt's directory may go."""
        attempt = node.attempt
        assert attempt is not None
        directory, handle = node.directory, attempt.handle

        def clean() -> None:
            jobs.remove_leftovers(directory)
            if handle is not None:
                with contextlib.suppress(LaunchError):
                    self.launcher(node).cleanup(directory, handle)

        self._desk.journal.after(lambda: self._desk.workers.clean(clean))


def _artifact(node: ActiveNode, port: str, stored: Stored) -> Artifact:
    return _NEW_ARTIFACT(
        digest=stored.digest, kind=node.plan.outputs[port].kind, bytes=stored.bytes, files=stored.files,
        run_id=node.run.id, node=node.name, port=port, created=time.time(),
    )  # fmt: skip
