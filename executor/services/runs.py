"""Runs: start, list, look at, follow, cancel, run again."""

from __future__ import annotations

import builtins
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from sqlalchemy import func, update
from sqlmodel import Session, col, desc, select
from sqlmodel.sql.expression import SelectOfScalar

from executor.database.tables import NodeRun, Run
from executor.engine.events import Subscription, Update
from executor.engine.loading import resolved_pipeline
from executor.engine.states import RUN_FINAL
from executor.services.again import resubmit, submission_of
from executor.services.finding import Wanted, conditions
from executor.services.following import Follower, Watcher
from executor.services.records import Records
from executor.services.statistics import Statistics, statistics
from executor.services.submission import Submission, Submitted
from executor.services.submitting import Submitter
from executor.services.usage import of_nodes, of_runs
from executor.services.views import LEFT_OUT, NodeView, RunView, node_view, result, run_view
from nodegraph.errors import BrokenWorld, InvalidInput
from nodegraph.format import load
from nodegraph.pipeline import Pipeline

if TYPE_CHECKING:
    from executor.services.workspace import Workspace

_LOOK_EVERY = 0.1
# A node that reports a hundred times a second is looked at less often.
_AT_LEAST = 0.02


class Runs(Records):
    """All about runs. Run ids are whole numbers; text such as "41" is taken too."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.database, workspace.data_dir)
        self._workspace = workspace

    def submit(self, pipeline: str | bytes | Pipeline, base_dir: Path | None = None, **options: Any) -> int:
        """Start a run and answer its id; the options are the fields of Submission.

        Raises InvalidInput with every problem, before anything is stored. The same idempotency key
        gives the same run.
        """
        return self._submit(Submission(pipeline, base_dir, **options)).run

    def get(self, run: int | str) -> RunView:
        """One run with its nodes; NotFound."""
        with self._database.read() as session:
            row = self._row(session, run)
            nodes = session.exec(select(NodeRun).where(NodeRun.run_id == row.id).order_by("position")).all()
            held = of_nodes(session, row.id)
        return run_view(row, list(nodes), self._workspace.store, held=held)

    def node(self, run: int | str, node: str) -> NodeView:
        """One node of a run; NotFound."""
        with self._database.read() as session:
            row = self._node(session, run, node)
            held = of_nodes(session, row.run_id, node)
        return node_view(row, self._workspace.store, held.get(node))

    def start(self, name: str, version: int | None = None, **options: Any) -> int:
        """Start a run of a kept pipeline, its latest version where none is named."""
        return self.start_once(name, version, **options).run

    def start_once(self, name: str, version: int | None = None, **options: Any) -> Submitted:
        """The same, and whether the run is new."""
        kept = self._workspace.pipelines.get(name, version)
        return self.start_text(kept.text, **{"version": kept.version, **options})

    def start_text(self, text: str, **options: Any) -> Submitted:
        """Start a run of a text as if it were kept here: paths in it are relative to the data directory."""
        return self._submit(Submission(text, self._data_dir.root, **options))

    def list(self, limit: int = 50, *, offset: int = 0, **wanted: Unpack[Wanted]) -> list[RunView]:
        """Runs without their nodes, but with the counts of their states, latest first."""
        statement = select(Run).where(*conditions(wanted)).order_by(desc(Run.id)).limit(limit).offset(offset)
        return self._views(statement)

    def count(self, **wanted: Unpack[Wanted]) -> int:
        """How many runs there are."""
        with self._database.read() as session:
            return session.exec(select(func.count()).select_from(Run).where(*conditions(wanted))).one()

    def statistics(self, **wanted: Unpack[Wanted]) -> Statistics:
        """Runs in numbers: how many, how they ended, how long they took, how much came from the cache."""
        return statistics(self._database, wanted)

    def last_of(self, pipelines: Iterable[str]) -> dict[str, RunView]:
        """The latest run of each of these pipelines that has one."""
        latest = select(func.max(Run.id)).where(col(Run.pipeline).in_(list(pipelines))).group_by(Run.pipeline)
        return {view.pipeline: view for view in self._views(select(Run).where(col(Run.id).in_(latest)))}

    def result(self, run: int | str) -> dict[str, Any]:
        """The object that `nodegraph run --json` prints."""
        return result(self.get(run))

    def text(self, run: int | str) -> str:
        """The pipeline file of a run as it was when it was started."""
        with self._database.read() as session:
            return self._row(session, run).text

    def pipeline(self, run: int | str) -> Pipeline | None:
        """The pipeline of a run with the values it was started with; the bare graph where those do not fit.

        Not to be changed; None where its text cannot be read any more.
        """
        with self._database.read() as session:
            row = self._row(session, run)
        try:
            return resolved_pipeline(row)
        except InvalidInput:
            return load(row.text).draft

    def cancel(self, run: int | str) -> RunView:
        """Ask for a run to be cancelled; one that has ended stays as it is. Does not wait for its end.

        Where no engine is at work on this data directory, one is started for this run alone, and waited for.
        """
        with self._database.write() as session:
            row = self._row(session, run)
            statement = update(Run).where(col(Run.id) == row.id, col(Run.state).not_in(RUN_FINAL))
            session.execute(statement.values(cancel_requested=True))
        assert row.id is not None
        if self._workspace.engine is not None:
            self._workspace.engine.wake()
        elif row.state not in RUN_FINAL and self._workspace.start_engine(only=row.id):
            try:
                return self.wait(row.id)
            finally:
                self._workspace.stop_engine()
        return self.get(row.id)

    def rerun(self, run: int | str, from_node: str | None = None, **options: Any) -> int:
        """Run the same text with the same parameters again; `from_node` and what follows it run anew."""
        with self._database.read() as session:
            row = self._row(session, run)
        return self._submit(Submission(**{**submission_of(row, from_node).__dict__, **options})).run

    def resubmit(self) -> None:
        """Submit again what infrastructure has failed and what asked for that; from any thread."""
        resubmit(self._database, self._submit)

    def wait(self, run: int | str, timeout: float | None = None) -> RunView:
        """The run once it has ended; after `timeout` seconds as it is then."""
        until = None if timeout is None else time.monotonic() + timeout
        for _ in self._turns(self.get(run).id):
            if self._state(run) in RUN_FINAL or (until is not None and time.monotonic() > until):
                return self.get(run)
        raise AssertionError  # turns never end by themselves

    def follow(self, run: int | str) -> Iterator[Update]:
        """What happens in a run, from how it stands now to its end.

        Works in any process: where the engine's process ends, this one takes its place if it can.
        """
        number = self.get(run).id
        follower = Follower(lambda: self.get(number), lambda node, n: self._directory(number, node, n))
        for _ in self._turns(number):
            updates, ended = follower.look()
            yield from updates
            if ended:
                return

    def watch(self, run: int | str) -> Watcher:
        """The same for those who must not wait: the caller asks again and again, and closes it."""
        number = self.get(run).id
        follower = Follower(lambda: self.get(number), lambda node, n: self._directory(number, node, n))
        return Watcher(follower, self.subscribe(number))

    def subscribe(self, run: int | None = None) -> Subscription | None:
        """Updates as the engine makes them; None where the engine is in another process: follow then."""
        return self._workspace.engine.subscribe(run) if self._workspace.engine else None

    def _views(self, statement: SelectOfScalar[Run]) -> builtins.list[RunView]:
        with self._database.read() as session:
            rows = session.exec(statement).all()
            counted = (
                select(NodeRun.run_id, NodeRun.state, func.count())
                .where(col(NodeRun.run_id).in_([row.id for row in rows]), NodeRun.reason != LEFT_OUT)
                .group_by(col(NodeRun.run_id), col(NodeRun.state))
            )
            counts: dict[int, dict[str, int]] = {}
            for run, state, count in session.exec(counted):
                counts.setdefault(run, {})[state] = count
            used = of_runs(session, [row.id for row in rows])
        return [run_view(row, counts=counts.get(row.id or 0), usage=used.get(row.id or 0)) for row in rows]

    def _submit(self, asked: Submission) -> Submitted:
        w = self._workspace
        submitter = Submitter(w.database, w.registry, w.sources, w.launchers, w.secrets.is_set, w.inventory)
        submitted = submitter.submit(asked)
        if w.engine is not None:
            w.engine.wake()
        return submitted

    def _turns(self, run: int) -> Iterator[None]:
        """One turn whenever something may have changed; takes the engine over where it has none."""
        subscription = self.subscribe(run)
        try:
            while True:
                yield
                engine = self._workspace.engine
                if engine is not None and not engine.alive:
                    raise BrokenWorld("The engine has ended.", "Start the command again; nothing is lost.")
                if subscription is not None:
                    subscription.take(_LOOK_EVERY * 5)
                    time.sleep(_AT_LEAST)
                    continue
                time.sleep(_LOOK_EVERY)
                if self._workspace.may_run and self._workspace.start_engine():
                    subscription = self.subscribe(run)
        finally:
            if subscription is not None:
                subscription.close()

    def _directory(self, run: int, node: str, attempt: int) -> Path:
        return self._data_dir.attempt(run, node, attempt)

    def _state(self, run: int | str) -> str:
        with self._database.read() as session:
            return self._row(session, run).state

    def _row(self, session: Session, run: int | str) -> Run:
        return self.find(session, run)


__all__ = ["Runs", "Update"]
