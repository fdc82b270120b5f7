"""A run in words: its nodes as a table, what failed and why, the numbers, the services."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from executor.cli.output import duration, print_table, printable, size
from executor.services.amounts import hours, money
from executor.services.usage import Usage
from executor.services.views import NodeView, RunView

_FEW_HOURS = 0.01


def print_run(run: RunView) -> None:
    """Print a run with its nodes."""
    print(f"run {run.id} · {printable(run.pipeline)} · {run.state} · {duration(run.seconds)}")
    print_table(
        ["NODE", "TYPE", "STATE", "TIME", "ATTEMPTS", "RESULT"],
        (
            (name, node.type, _state(node), duration(node.seconds), node.attempts or "", _result(node))
            for name, node in run.nodes.items()
            if not node.left_out
        ),
    )
    if left_out := sum(node.left_out for node in run.nodes.values()):
        print(f"and {left_out} nodes that are not part of this run")
    if run.usage.cost or run.usage.gpu_hours:
        print(_used(run.usage))
    for name, node in run.nodes.items():
        if node.state == "failed" and node.error:
            _print_failure(run.id, name, node)


def say_unattended(run: int) -> None:
    """A run whose command was killed: its processes go on, but nobody starts the next ones."""
    print(f"No engine is at work on run {run}; `nodegraph rerun {run}` goes on from here.", file=sys.stderr)


def _used(usage: Usage) -> str:
    """Hours, and their cost where the hosts have prices."""
    parts = [_time(usage.cpu_hours, "CPU"), _time(usage.gpu_hours, "GPU")]
    if usage.cost:
        parts.append(f"cost {money(usage.cost)}")
    return f"used {', '.join(filter(None, parts))}"


def _time(amount: float, what: str) -> str:
    """Hours, or where they are few seconds."""
    if not amount or amount >= _FEW_HOURS:
        return f"{hours(amount)} {what} hours" if amount else ""
    seconds = amount * 3600
    return f"{seconds:.1f} {what} seconds" if seconds >= 0.1 else f"< 0.1 {what} seconds"


def _state(node: NodeView) -> str:
    return f"cached from run {node.source_run}" if node.cached else node.state


def _result(node: NodeView) -> str:
    """The most telling words about what a node made, or about what keeps it from going on."""
    if node.error and node.state in ("queued", "running"):
        return f"{node.error.get('category')}: {node.reason}"
    if node.state in ("skipped", "queued"):
        return node.reason
    if node.state == "failed":
        return ""
    if address := _address(node):
        return address
    known = node.metrics
    wanted = ("accuracy", "f1", "exact_match", "perplexity", "score", "eval_loss", "loss")
    numbers = [f"{name} {known[name]:.4g}" for name in wanted if isinstance(known.get(name), (int, float))]
    if numbers:
        return ", ".join(numbers[:3])
    return ", ".join(f"{port} {size(output.bytes)}" for port, output in node.outputs.items())


def _address(node: NodeView) -> str:
    for output in node.outputs.values():
        if output.kind == "service":
            try:
                spec = json.loads((Path(output.path) / "service.json").read_text(encoding="utf-8"))
            except (OSError, ValueError):
                return ""
            return str(spec.get("base_url", ""))
    return ""


def _print_failure(run: int, name: str, node: NodeView) -> None:
    error = node.error or {}
    print(f"\n{name} failed ({error.get('category')}): {printable(str(error.get('message', '')))}")
    if error.get("hint"):
        print(f"  → {printable(str(error['hint']))}")
    print(f"  log: nodegraph logs {run} {name}   again: nodegraph rerun {run} --from {name}")
