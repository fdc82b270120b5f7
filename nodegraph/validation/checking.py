"""The whole check of a pipeline, in the order a person would mend it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from nodegraph.bypass import wire
from nodegraph.format import Loaded, load
from nodegraph.format.reader import Path
from nodegraph.graph import Graph
from nodegraph.pipeline import MAX_NODES, Pipeline
from nodegraph.problems import Problem, errors_of
from nodegraph.references import resolve, secrets_of
from nodegraph.registry import Registry
from nodegraph.typed import typed_nodes
from nodegraph.validation.nodes import check_nodes
from nodegraph.validation.notify import check_notify, check_notify_secrets
from nodegraph.validation.report import Report
from nodegraph.validation.schedules import check_schedules
from nodegraph.validation.wiring import check_conditions, check_kinds, check_wires


@dataclass
class Checked:
    """A pipeline that can run, or None; `resolved` has its parameters filled in."""

    pipeline: Pipeline | None = None
    problems: list[Problem] = field(default_factory=list)
    resolved: Pipeline | None = None
    lines: dict[Path, int] = field(default_factory=dict)


def check_text(
    text: str | bytes | Loaded,
    registry: Registry,
    *,
    given: Mapping[str, Any] | None = None,
    sets: Mapping[str, Any] | None = None,
    secrets: Collection[str] | None = None,
) -> Checked:
    """Load a text, fill in its parameters and validate it: every problem at once, in the order of the file.

    A text that was loaded before may be given as that.

    `pipeline` is what the file says, None where it has an error. A parameter that has no value yet
    is a warning: it is asked for when the pipeline is run.
    """
    loaded = text if isinstance(text, Loaded) else load(text)
    draft = loaded.draft
    if draft is None:
        return Checked(None, loaded.problems, lines=loaded.lines)
    resolved = resolve(draft, given, sets, partial=True)
    report = Report(loaded.lines)
    for problem in resolved.problems:
        report.place(problem)
    found = validate(resolved.pipeline, registry, lines=loaded.lines, secrets=secrets)
    known = {_place(problem) for problem in loaded.problems}
    later = [p for p in report.problems + found if _place(p) not in known and not _was_lost(p, loaded)]
    problems = sorted(loaded.problems + later, key=lambda problem: problem.line or 0)
    if errors_of(problems):
        return Checked(None, problems, lines=loaded.lines)
    return Checked(loaded.pipeline, problems, resolved.pipeline, loaded.lines)


def validate(
    pipeline: Pipeline,
    registry: Registry,
    *,
    lines: Mapping[Path, int] | None = None,
    secrets: Collection[str] | None = None,
) -> list[Problem]:
    """Every problem of a pipeline whose parameters are filled in. Never raises.

    `lines` gives problems their line. `secrets` are the names that are set; others are warned of.
    """
    report = Report(lines, frozenset(name for name, node in pipeline.nodes.items() if not node.enabled))
    if len(pipeline.nodes) > MAX_NODES:
        message = f"The pipeline has {len(pipeline.nodes):,} nodes; {MAX_NODES:,} are allowed."
        report.add("too-many-nodes", message, "Split it into several pipelines.", path=("nodes",))
        return report.problems
    if not pipeline.nodes:
        report.add("no-nodes", "The pipeline has no nodes.", "Add one under nodes.", path=("nodes",))
    nodes = typed_nodes(pipeline, registry)
    check_nodes(pipeline, nodes, registry, report)
    check_wires(pipeline, nodes, report)
    graph = Graph.of(pipeline)
    _check_cycles(graph, report)
    # Nodes on a cycle, and those after one, have no order; their wires are looked at all the same.
    order = dict.fromkeys([*graph.order(), *pipeline.nodes])
    check_kinds(pipeline, nodes, wire(nodes, order), report)
    check_conditions(pipeline, nodes, report)
    check_schedules(pipeline, report)
    check_notify(pipeline, report)
    if secrets is not None:
        _check_secrets(pipeline, registry, secrets, report)
    return report.problems


def _place(problem: Problem) -> tuple[Any, ...]:
    return problem.node, problem.port, problem.param, problem.line


def _was_lost(problem: Problem, loaded: Loaded) -> bool:
    """Whether a problem comes of a node that was left out of the draft for a problem of its own."""
    if problem.code != "dangling-edge" or loaded.draft is None:
        return False
    lost = {p.node for p in loaded.problems} - set(loaded.draft.nodes)
    return any(f"from {node}," in problem.message for node in lost)


def _check_cycles(graph: Graph, report: Report) -> None:
    for cycle in graph.cycles():
        if len(cycle) == 1:
            hint = "Take its input, or what its condition reads, from another node."
            report.add("cycle", f"{cycle[0]} waits for itself.", hint, node=cycle[0])
            continue
        shown = cycle if len(cycle) <= 12 else [*cycle[:11], f"… ({len(cycle) - 11} more)"]
        message = f"These nodes wait for each other: {' → '.join([*shown, cycle[0]])}."
        report.add("cycle", message, "Remove one of these edges.", node=cycle[0])


def _check_secrets(pipeline: Pipeline, registry: Registry, known: Collection[str], report: Report) -> None:
    for node, names in secrets_of(pipeline, registry).items():
        for name in sorted(names - set(known)):
            hint = f"Set it under Settings, or as the environment variable {name}."
            message = f"The secret {name} is not set."
            report.add("missing-secret", message, hint, node=node, severity="warning")
    check_notify_secrets(pipeline, known, report)
