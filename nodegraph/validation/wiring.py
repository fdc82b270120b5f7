"""Whether the wires fit: every input has a source that exists, of a kind it takes."""

from __future__ import annotations

from collections.abc import Mapping

from nodegraph.bypass import Source, Wiring
from nodegraph.conditions import ConditionError, parse
from nodegraph.contract import Port, Ports
from nodegraph.kinds import Kind, is_a, refusal
from nodegraph.pipeline import Pipeline
from nodegraph.suggest import did_you_mean
from nodegraph.typed import TypedNode
from nodegraph.validation.report import Report


def check_wires(pipeline: Pipeline, nodes: Mapping[str, TypedNode], report: Report) -> None:
    """Unknown inputs and outputs, edges from nowhere, inputs without a source or with too many."""
    producers = _producers(nodes)
    for name, node in pipeline.nodes.items():
        typed = nodes.get(name)
        ports = typed.inputs if typed else None
        for port, source, source_port in node.edges():
            if ports is not None and port not in ports:
                continue
            _check_source(pipeline, nodes, report, name, port, Source(source, source_port))
        if ports is None:
            continue
        for port, given in node.inputs.items():
            if port not in ports:
                hint = did_you_mean(port, ports) or "This node type takes no inputs."
                report.add("unknown-input", f"{node.type} has no input {port}.", hint, node=name, port=port)
            elif isinstance(given, list) and len(given) > 1 and not ports[port].many:
                message = f"The input {port} takes one source, not {len(given)}."
                report.add(
                    "too-many-inputs",
                    message,
                    "Combine them with augment.mix, or keep one.",
                    node=name,
                    port=port,
                )
        for port, declared in ports.items():
            if not declared.optional and not node.inputs.get(port):
                report.add(
                    "missing-input", f"The input {port} ({declared.kind}) has no source.",
                    _offer(name, port, declared, producers), node=name, port=port,
                )  # fmt: skip


def check_kinds(pipeline: Pipeline, nodes: Mapping[str, TypedNode], wiring: Wiring, report: Report) -> None:
    """Kinds that do not fit, after disabled nodes are bypassed; nodes that a disabled one takes with it."""
    for name, sources in wiring.sources.items():
        ports = nodes[name].inputs or {}
        for port, found in sources.items():
            if port in ports:
                for source in found:
                    _check_kind(name, port, ports[port], source, wiring.kinds.get(source), report)
        reason = wiring.skipped.get(name)
        if reason and pipeline.nodes[name].enabled:
            message = f"This node will be skipped: {reason}."
            report.add("skipped-node", message, "Enable that node, or wire this one elsewhere.",
                       node=name, severity="warning")  # fmt: skip


def check_conditions(pipeline: Pipeline, nodes: Mapping[str, TypedNode], report: Report) -> None:
    """Conditions that cannot be read, or read what is not a metric of a node."""
    for name, node in pipeline.nodes.items():
        if node.when is None or "${parameters." in node.when:
            continue
        path = ("nodes", name, "when")
        try:
            condition = parse(node.when)
        except ConditionError as error:
            report.add("bad-condition", f"The condition is wrong: {error}", node=name, path=path)
            continue
        for comparison in condition.comparisons:
            fault, hint = _metric_fault(comparison.node, comparison.port, pipeline, nodes)
            if fault:
                report.add("bad-condition", f"{comparison.place}: {fault}", hint, node=name, path=path)


def _metric_fault(
    node: str, port: str, pipeline: Pipeline, nodes: Mapping[str, TypedNode]
) -> tuple[str, str]:
    if node not in pipeline.nodes:
        return f"there is no node {node}.", did_you_mean(node, pipeline.nodes)
    outputs = nodes[node].outputs if node in nodes else None
    if outputs is None:
        return "", ""
    metrics = [name for name, declared in outputs.items() if declared.kind == "metrics"]
    if port not in outputs:
        return f"{node} has no output {port}.", did_you_mean(port, metrics)
    if port not in metrics:
        return f"the output {port} is {outputs[port].kind}, not metrics.", did_you_mean(port, metrics)
    return "", ""


def _check_source(
    pipeline: Pipeline, nodes: Mapping[str, TypedNode], report: Report, name: str, port: str, source: Source
) -> None:
    if source.node not in pipeline.nodes:
        message = f"The input {port} comes from {source.node}, which is no node."
        report.add("dangling-edge", message, did_you_mean(source.node, pipeline.nodes), node=name, port=port)
        return
    outputs = nodes[source.node].outputs if source.node in nodes else None
    if outputs is None or source.port in outputs:
        return
    known = [f"{source.node}.{output}" for output in outputs]
    hint = did_you_mean(f"{source.node}.{source.port}", known) or f"{source.node} has no outputs."
    message = f"{source.node} has no output {source.port}."
    if not source.port:
        message = f"The input {port} names the node {source.node}, but not which output."
        hint = f"Write {' or '.join(known)}." if known else hint
    report.add("unknown-output", message, hint, node=name, port=port)


def _check_kind(
    name: str, port: str, declared: Port, source: Source, kind: Kind | None, report: Report
) -> None:
    if kind is None:
        return
    fault = refusal(kind, declared.kind, full_weights=declared.full_weights)
    if fault is None:
        return
    adapter = is_a(kind, declared.kind)
    code = "needs-full-weights" if adapter else "wrong-kind"
    hint = (
        "quantize.model with method bf16 merges an adapter into its base; or train with method full."
        if adapter
        else ""
    )
    message = f"The input {port} {fault} from {source.node}.{source.port}."
    report.add(code, message, hint, node=name, port=port)


def _producers(nodes: Mapping[str, TypedNode]) -> dict[Kind, Source]:
    """For each kind, the first output that gives it."""
    found: dict[Kind, Source] = {}
    for name, typed in nodes.items():
        outputs: Ports = typed.outputs or {}
        for port, declared in outputs.items():
            found.setdefault(declared.kind, Source(name, port))
    return found


def _offer(name: str, port: str, declared: Port, producers: Mapping[Kind, Source]) -> str:
    source = producers.get(declared.kind)
    example = f"{source.node}.{source.port}" if source and source.node != name else "NODE.PORT"
    return f"Wire one, such as inputs: {{{port}: {example}}}."
