"""Which node moves next: what it waits for, whether its condition holds, and who gets cores and GPUs."""

from __future__ import annotations

import json
from bisect import insort
from pathlib import Path
from typing import Any

from executor.engine.attempts import Attempts
from executor.engine.cache import Cache
from executor.engine.desk import Desk
from executor.engine.jobs import resources_of
from executor.engine.model import ActiveNode
from executor.engine.states import NODE_GOOD
from nodegraph.conditions import evaluate, nodes_read


class Scheduler:
    """Moves nodes on until none can move; first come, first served among those that wait for a place."""

    def __init__(self, desk: Desk, cache: Cache, attempts: Attempts) -> None:
        self._desk = desk
        self._cache = cache
        self._attempts = attempts
        self._ready: list[ActiveNode] = []

    def advance(self) -> None:
        """Move every node that can move."""
        while True:
            while self._desk.movable:
                self._move(self._desk.movable.popleft())
            if not self._start_one():
                return

    def cancel(self, node: ActiveNode) -> None:
        """Stop a node, wherever it is on its way."""
        if node.phase in ("starting", "running", "ending"):
            self._attempts.stop(node, "cancelled")
        elif node.phase != "done":
            self._desk.finish(node, "cancelled", "the run was cancelled")

    def _move(self, node: ActiveNode) -> None:
        if node.phase == "done":
            return
        if node.phase == "ready":
            insort(self._ready, node, key=lambda one: one.order)
        elif node.phase in ("blocked", "shared"):
            self._open(node)

    def _open(self, node: ActiveNode) -> None:
        """All that a node waits for has ended: skip it, or see whether its result is there already."""
        if node.run.row.cancel_requested:
            self._desk.finish(node, "cancelled", "the run was cancelled")
            return
        self._desk.begin_run(node.run)
        reason = self._upstream_fault(node) or self._condition_fault(node)
        if reason:
            self._desk.finish(node, "skipped", reason)
        else:
            self._cache.look(node)

    def _upstream_fault(self, node: ActiveNode) -> str:
        for name in node.plan.waits_for:
            before = node.run.nodes.get(name)
            if before is not None and before.step is not None and before.row.state not in NODE_GOOD:
                return f"{name} {'has failed' if before.row.state == 'failed' else f'was {before.row.state}'}"
        return ""

    def _condition_fault(self, node: ActiveNode) -> str:
        when = node.plan.node.when
        if not when:
            return ""
        read = [node.run.nodes[name] for name in nodes_read(when) if name in node.run.nodes]
        verdict = evaluate(when, {before.name: self._indicators(before) for before in read})
        return "" if verdict else f"its condition does not hold: {verdict.explanation}"

    def _indicators(self, node: ActiveNode) -> dict[str, dict[str, Any]]:
        outputs = (node.row.outputs or {}).items()
        return {
            port: read_metrics(self._desk.world.store.path(output["digest"]))
            for port, output in outputs
            if output["kind"] == "metrics"
        }

    def _start_one(self) -> bool:
        """Start the first node that waits for a place; it is not overtaken, so that large ones get theirs."""
        if self._desk.stopping or self._desk.journal.failing:
            return False
        self._ready = [node for node in self._ready if node.phase == "ready"]
        node = next((node for node in self._ready if not self._held_up(node)), None)
        if node is None:
            return False
        wanted = resources_of(node.plan)
        hosts = self._desk.world.inventory.for_launcher(node.run.row.launcher)
        leases = (self._desk.leases.take(host, wanted) for host in hosts if host.facts is not None)
        node.lease = next((lease for lease in leases if lease is not None), None)
        if node.lease is None:
            return False
        self._ready.remove(node)
        self._attempts.begin(node)
        return True

    def _held_up(self, node: ActiveNode) -> bool:
        """Whether its launcher cannot start anything now, such as one whose engine is down; it says so."""
        launcher = self._desk.world.launchers.get(node.run.row.launcher)
        obstacle = launcher.obstacle("local") if launcher is not None else ""
        if obstacle and node.row.reason != obstacle:
            node.row.reason = obstacle
            self._desk.show(node)
        return bool(obstacle)


def read_metrics(artifact: Path) -> dict[str, Any]:
    """The indicators of a metrics artifact by name."""
    found = {}
    for path in sorted(artifact.glob("*.json")):
        try:
            record = json.loads(path.read_bytes())
        except (OSError, ValueError):
            continue
        if isinstance(record, dict) and isinstance(record.get("indicator"), str):
            found[record["indicator"]] = record
    return found
