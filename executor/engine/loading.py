"""From a run's frozen text to its plan and its rows, and back into memory after a restart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Generic, TypeVar

from sqlmodel import select

from executor.database.rows import quick
from executor.database.session import Database
from executor.database.tables import NodeRun, Run
from executor.engine.model import ActiveNode, ActiveRun
from executor.engine.states import NODE_FINAL
from nodegraph.errors import InvalidInput
from nodegraph.format import Loaded, load
from nodegraph.pipeline import Notify, Pipeline
from nodegraph.plan import Plan
from nodegraph.problems import errors_of
from nodegraph.references import resolve, secrets_of
from nodegraph.registry import Registry
from nodegraph.suggest import did_you_mean

Thing = TypeVar("Thing")

LEFT_OUT = "not part of this run"
_NEW_NODE_RUN = quick(NodeRun)


def resolved_pipeline(run: Run) -> Pipeline:
    """The pipeline of a run as it was when the run was started, parameters filled in; not to be changed."""
    return _resolved(run.text, json.dumps(run.params), json.dumps(run.sets))


# A run is read when it is checked, submitted and taken up, and many runs are runs of the
# same text.
@lru_cache(maxsize=8)
def loaded(text: str | bytes) -> Loaded:
    """What the text of a run says; not to be changed."""
    return load(text)


@lru_cache(maxsize=8)
def _resolved(text: str, params: str, sets: str) -> Pipeline:
    found = loaded(text)
    if found.pipeline is None:
        raise InvalidInput("The pipeline of this run cannot be read.", problems=found.problems)
    resolved = resolve(found.pipeline, json.loads(params), json.loads(sets))
    if wrong := errors_of(resolved.problems):
        raise InvalidInput(wrong[0].message, wrong[0].hint, problems=wrong)
    return resolved.pipeline


def notify_of(run: Run) -> Sequence[Notify]:
    """Whom to tell of the end of a run; nobody where its pipeline cannot be read."""
    try:
        return resolved_pipeline(run).notify
    except InvalidInput:
        return ()


def plan_of(run: Run, pipeline: Pipeline, registry: Registry) -> Plan:
    """The plan of a run; InvalidInput where it asks for a node that is not there."""
    try:
        return _plan(_One(pipeline), _One(registry), run.until, run.from_node)
    except KeyError as error:
        name = error.args[0]
        raise InvalidInput(f"The pipeline has no node {name}.", did_you_mean(name, pipeline.nodes)) from None


class _One(Generic[Thing]):
    """Something that is equal to nothing but itself."""

    def __init__(self, thing: Thing) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _One) and other.thing is self.thing

    def __hash__(self) -> int:
        return id(self.thing)


@lru_cache(maxsize=8)
def _plan(pipeline: _One[Pipeline], registry: _One[Registry], until: str | None, from_: str | None) -> Plan:
    return Plan.of(pipeline.thing, registry.thing, until=until, from_=from_)


def node_rows(run: Run, pipeline: Pipeline, plan: Plan) -> list[NodeRun]:
    """The rows of a new run: one for each node of its pipeline; those left out are skipped from the start."""
    assert run.id is not None
    order = [*plan.order, *(name for name in pipeline.nodes if name not in plan.steps)]
    rows = []
    for position, name in enumerate(order):
        node = pipeline.nodes[name]
        row = _NEW_NODE_RUN(run_id=run.id, node=name, position=position, type=node.type, title=node.title)
        if name not in plan.steps:
            row.state, row.reason = "skipped", plan.skipped.get(name, LEFT_OUT)
        rows.append(row)
    return rows


def activate(database: Database, registry: Registry, run: Run) -> ActiveRun:
    """A run in memory, its nodes as the database says; InvalidInput where its node types are gone."""
    pipeline = resolved_pipeline(run)
    plan = plan_of(run, pipeline, registry)
    with database.read() as session:
        rows = session.exec(select(NodeRun).where(NodeRun.run_id == run.id).order_by("position")).all()
        session.expunge_all()
    active = ActiveRun(run, plan, secrets_of(pipeline, registry), notify=pipeline.notify)
    for row in rows:
        active.nodes[row.node] = ActiveNode(active, row, plan.steps.get(row.node))
    gone = [row.node for row in rows if row.node not in plan.steps and row.state not in NODE_FINAL]
    if gone:
        kinds = ", ".join(sorted({pipeline.nodes[name].type for name in gone}))
        raise InvalidInput(f"The nodes {', '.join(gone)} cannot run here: {kinds}.", "See `nodegraph nodes`.")
    _connect(active)
    return active


def _connect(run: ActiveRun) -> None:
    for name, step in run.plan.steps.items():
        node = run.nodes[name]
        node.fresh = step.fresh or not run.row.use_cache
        for before in step.waits_for:
            if before in run.plan.steps:
                run.after.setdefault(before, []).append(node)
                node.missing += run.nodes[before].row.state not in NODE_FINAL
    for node in run.nodes.values():
        if node.row.state in NODE_FINAL:
            node.phase = "done"
        else:
            run.open += 1
