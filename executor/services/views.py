"""Runs and nodes as people and programs see them: plain data, safe to turn into JSON."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from executor.database.tables import Attempt, NodeRun, Run
from executor.engine.loading import LEFT_OUT as LEFT_OUT
from executor.engine.states import NODE_FINAL, RUN_FINAL
from executor.services.usage import Held, Usage, currency, of_attempt, total
from executor.store.store import ArtifactStore


@dataclass(frozen=True)
class OutputView:
    """An output of a node: its artifact and where that lies."""

    kind: str
    digest: str
    path: str
    bytes: int


@dataclass(frozen=True)
class NodeView:
    """One node of a run; `host` is where its latest attempt runs or ran, `usage` that of all its attempts."""

    node: str
    type: str
    title: str
    state: str
    reason: str
    seconds: float | None
    cached: bool
    source_run: int | None
    attempts: int
    error: dict[str, Any] | None
    metrics: dict[str, Any]
    progress: dict[str, Any] | None
    outputs: dict[str, OutputView]
    started: float | None
    finished: float | None
    key: str | None = None
    host: str = ""
    usage: Usage = Usage()

    @property
    def final(self) -> bool:
        """Whether the state will not change any more."""
        return self.state in NODE_FINAL

    @property
    def left_out(self) -> bool:
        """Whether it was never meant to run, because the run was restricted to others."""
        return self.state == "skipped" and self.reason == LEFT_OUT

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True)
class RunView:
    """A run; `nodes` is empty in lists, `counts` says how many nodes are in which state.

    `reason` says why a queued run does not go on; `not_before` is seconds since the epoch, `time_limit`
    seconds from its start.
    """

    id: int
    pipeline: str
    version: int | None
    state: str
    trigger: str
    launcher: str
    params: dict[str, Any]
    until: str | None
    from_node: str | None
    rerun_of: int | None
    cancel_requested: bool
    created: float
    started: float | None
    finished: float | None
    seconds: float | None
    user: str = ""
    priority: int = 0
    concurrency: int | None = None
    not_before: float | None = None
    time_limit: float | None = None
    reason: str = ""
    usage: Usage = Usage()
    counts: dict[str, int] = field(default_factory=dict)
    nodes: dict[str, NodeView] = field(default_factory=dict)

    @property
    def final(self) -> bool:
        """Whether the run has ended."""
        return self.state in RUN_FINAL

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True)
class AttemptView:
    """One attempt at a node; `directory` holds its log, events and preview."""

    number: int
    state: str
    exit_code: int | None
    error: dict[str, Any] | None
    directory: str
    started: float | None
    finished: float | None
    host: str = ""
    usage: Usage = Usage()


def run_view(
    run: Run,
    rows: list[NodeRun] | None = None,
    store: ArtifactStore | None = None,
    counts: dict[str, int] | None = None,
    held: Mapping[str, Held] | None = None,
    usage: Usage | None = None,
) -> RunView:
    """The view of a run, with its nodes where their rows are given; `held` is what these have used."""
    assert run.id is not None
    held = held or {}
    nodes = {row.node: node_view(row, store, held.get(row.node)) for row in rows or [] if store is not None}
    if counts is None:
        counts = Counter(node.state for node in nodes.values() if not node.left_out)
    return RunView(
        id=run.id, pipeline=run.pipeline, version=run.version, state=run.state, trigger=run.trigger,
        launcher=run.launcher, params=run.params or {}, until=run.until, from_node=run.from_node,
        rerun_of=run.rerun_of, cancel_requested=run.cancel_requested, created=run.created,
        started=run.started, finished=run.finished, seconds=_seconds(run.started, run.finished),
        user=run.user, priority=run.priority, concurrency=run.concurrency, not_before=run.not_before,
        time_limit=run.time_limit, reason=run.reason, counts=dict(counts), nodes=nodes,
        usage=usage or total(one.usage for one in held.values()),
    )  # fmt: skip


def node_view(row: NodeRun, store: ArtifactStore, held: Held | None = None) -> NodeView:
    """The view of a node run."""
    outputs = {
        port: OutputView(o["kind"], o["digest"], str(store.path(o["digest"])), o["bytes"])
        for port, o in (row.outputs or {}).items()
    }
    seconds = 0.0 if row.state == "cached" else _seconds(row.started, row.finished)
    return NodeView(
        node=row.node, type=row.type, title=row.title, state=row.state, reason=row.reason, seconds=seconds,
        cached=row.state == "cached", source_run=row.source_run, attempts=row.attempts, error=row.error,
        metrics=row.metrics or {}, progress=row.progress, outputs=outputs, started=row.started,
        finished=row.finished, key=row.key, host=held.host if held else "",
        usage=held.usage if held else Usage(),
    )  # fmt: skip


def attempt_view(row: Attempt) -> AttemptView:
    """The view of an attempt."""
    return AttemptView(
        row.number, row.state, row.exit_code, row.error, row.directory, row.started, row.finished, row.host,
        of_attempt(row),
    )  # fmt: skip


def result(run: RunView) -> dict[str, Any]:
    """What `nodegraph run --json` prints: programs rely on these keys, so there are no others."""
    return {
        "run": str(run.id),
        "status": run.state,
        "seconds": round(run.seconds or 0.0, 3),
        "nodes": {name: _node_result(node) for name, node in run.nodes.items()},
    }


def result_with_usage(run: RunView) -> dict[str, Any]:
    """The same with where each node ran, what it used and what that cost, for the REST interface."""
    found = result(run)
    for name, node in run.nodes.items():
        found["nodes"][name] |= {"host": node.host, "usage": node.usage.rounded()}
    return {**found, "usage": {**run.usage.rounded(), "currency": currency()}}


def _node_result(node: NodeView) -> dict[str, Any]:
    return {
        "status": node.state,
        "seconds": round(node.seconds or 0.0, 3),
        "cached": node.cached,
        "attempts": node.attempts,
        "error": node.error,
        "metrics": node.metrics,
        "outputs": {port: asdict(output) for port, output in node.outputs.items()},
    }


def _seconds(started: float | None, finished: float | None) -> float | None:
    """How long it took, or has taken until now."""
    return None if started is None else max(0.0, (finished or time.time()) - started)
