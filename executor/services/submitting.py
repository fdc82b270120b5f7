"""Starting a run: everything is checked before anything is stored."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from executor.database.rows import statements
from executor.database.session import Database
from executor.database.tables import NodeRun, Run
from executor.engine.demands import Ask, demand_of
from executor.engine.loading import loaded, node_rows, plan_of, resolved_pipeline
from executor.hosts.inventory import Inventory
from executor.hosts.model import Host
from executor.services.submission import Submission, Submitted, check_options
from executor.sources import Sources
from nodegraph.errors import Conflict, InvalidInput, NotFound
from nodegraph.format import dump
from nodegraph.local_files import file_params, param_of
from nodegraph.pipeline import Pipeline
from nodegraph.plan import Plan
from nodegraph.problems import Problem, errors_of
from nodegraph.references import secrets_of
from nodegraph.registry import Registry
from nodegraph.suggest import did_you_mean
from nodegraph.validation import check_text


class Submitter:
    """Checks submissions and stores them as queued runs."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        sources: Sources,
        launchers: Collection[str],
        is_set: Callable[[str], bool],
        inventory: Inventory,
    ) -> None:
        self._database = database
        self._registry = registry
        self._sources = sources
        self._launchers = launchers
        self._is_set = is_set
        self._inventory = inventory

    def submit(self, asked: Submission) -> Submitted:
        """Store a new run; the same idempotency key gives the run that was started with it before.

        Conflict where that one was asked to do something else.
        """
        if found := self._earlier(asked):
            return Submitted(found, False)
        run, pipeline, plan = self._checked(asked)
        try:
            with self._database.write() as session:
                session.add(run)
                session.flush()
                of = statements(NodeRun)
                rows = [tuple(of.inserted(row)) for row in node_rows(run, pipeline, plan)]
                session.connection().exec_driver_sql(of.insert, rows)
        except IntegrityError:
            # Another with the same key was quicker.
            found = self._earlier(asked)
            if found is None:
                raise
            return Submitted(found, False)
        assert run.id is not None
        return Submitted(run.id, True)

    def _checked(self, asked: Submission) -> tuple[Run, Pipeline, Plan]:
        if asked.launcher not in self._launchers:
            hint = did_you_mean(asked.launcher, self._launchers)
            raise InvalidInput(f"There is no launcher {asked.launcher}.", hint)
        check_options(asked)
        text = _text_of(asked)
        checked = check_text(loaded(text), self._registry, given=asked.params, sets=asked.sets)
        _refuse(checked.problems)
        assert checked.pipeline is not None
        run = Run(
            pipeline=checked.pipeline.name, version=asked.version, base_dir=str(_base(asked.base_dir)),
            text=_decoded(text),
            params=dict(asked.params or {}), sets=dict(asked.sets or {}), launcher=asked.launcher,
            until=asked.until, from_node=asked.from_node, use_cache=asked.use_cache, trigger=asked.trigger,
            idempotency_key=asked.idempotency_key, rerun_of=asked.rerun_of, user=asked.user,
            priority=asked.priority, concurrency=checked.pipeline.concurrency, not_before=asked.not_before,
            time_limit=asked.time_limit, resubmits=asked.resubmits, created=time.time(),
        )  # fmt: skip
        # What was only a warning above, a parameter without a value, keeps a run from starting.
        pipeline = resolved_pipeline(run)
        plan = plan_of(run, pipeline, self._registry)
        _refuse(_without_docker(plan, asked.launcher) + self._impossible(plan, asked.launcher))
        _refuse(self._missing_sources(plan, Path(run.base_dir)) + self._missing_secrets(plan, pipeline))
        return run, pipeline, plan

    def _impossible(self, plan: Plan, launcher: str) -> list[Problem]:
        """Nodes that ask for more than any host has: they would wait for ever."""
        found = impossible(plan, launcher, self._inventory.for_launcher(launcher))
        if found:
            # A host may have been added just now, by another process.
            self._inventory.refresh()
            found = impossible(plan, launcher, self._inventory.for_launcher(launcher))
        return found

    def _missing_secrets(self, plan: Plan, pipeline: Pipeline) -> list[Problem]:
        """A node at the end must not find out after hours of training that its key is not there."""
        return [
            Problem(
                code="missing-secret",
                message=f"The secret {name} is not set.",
                hint=f"Set the environment variable {name}, then run again.",
                node=node,
            )
            for node, names in secrets_of(pipeline, self._registry).items()
            if node in plan.steps
            for name in sorted(names)
            if not self._is_set(name)
        ]

    def _missing_sources(self, plan: Plan, base_dir: Path) -> list[Problem]:
        problems = []
        for step in plan.steps.values():
            for place, text in file_params(step.params).items():
                try:
                    self._sources.find(text, base_dir)
                except NotFound as error:
                    problems.append(
                        Problem(
                            code="unknown-source",
                            message=error.message,
                            hint=error.hint,
                            node=step.node_id,
                            param=param_of(place),
                        )
                    )
        return problems

    def _earlier(self, asked: Submission) -> int | None:
        if not asked.idempotency_key:
            return None
        with self._database.read() as session:
            row = session.exec(select(Run).where(Run.idempotency_key == asked.idempotency_key)).first()
        if row is not None and not _is_same(row, asked):
            message = f"The idempotency key has started run {row.id}, which was asked to do something else."
            raise Conflict(message, "Take a new key for each thing that you want done.")
        return None if row is None else row.id


def _text_of(asked: Submission) -> str | bytes:
    return dump(asked.pipeline) if isinstance(asked.pipeline, Pipeline) else asked.pipeline


def _decoded(text: str | bytes) -> str:
    """The text as a run keeps it; one that is no UTF-8 was refused before, or is that of no run."""
    return text.decode("utf-8-sig", "replace") if isinstance(text, bytes) else text


def _is_same(row: Run, asked: Submission) -> bool:
    """Whether a run does what is asked for. A kept pipeline may have been changed in the meantime."""
    wanted = (
        dict(asked.params or {}), dict(asked.sets or {}), asked.launcher, asked.until, asked.from_node,
        asked.use_cache,
    )  # fmt: skip
    if wanted != (row.params, row.sets, row.launcher, row.until, row.from_node, row.use_cache):
        return False
    text = _text_of(asked)
    if row.text == _decoded(text):
        return True
    found = loaded(text).pipeline
    return None not in (row.version, asked.version) and found is not None and found.name == row.pipeline


def _without_docker(plan: Plan, launcher: str) -> list[Problem]:
    """Nodes with an image of their own, where nothing runs images."""
    if launcher != "process":
        return []
    return [
        Problem(
            code="needs-docker",
            message="This node runs a container image, which processes cannot.",
            hint="Run it with the launcher docker; `nodegraph doctor` says whether there is an engine.",
            node=step.node_id,
        )
        for step in plan.steps.values()
        if step.registered.node.own_image is not None
    ]


def impossible(plan: Plan, launcher: str, hosts: Sequence[Host]) -> list[Problem]:
    """A problem for each node that none of these hosts could ever run."""
    problems = []
    for step in plan.steps.values():
        fault = demand_of(Ask.of(step, launcher), hosts).fault
        if fault is not None:
            problems.append(
                Problem(
                    code="impossible-resources", message=fault.message, hint=fault.hint, node=step.node_id
                )
            )
    return problems


def _base(base_dir: Path | None) -> Path:
    return (base_dir or Path.cwd()).absolute()


def _refuse(problems: list[Problem]) -> None:
    wrong = errors_of(problems)
    if wrong:
        count = "an error" if len(wrong) == 1 else f"{len(wrong)} errors"
        raise InvalidInput(f"The pipeline has {count}.", problems=problems)
