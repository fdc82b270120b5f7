"""Which node moves next: what it waits for, whether its condition holds, and who gets cores and GPUs."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from executor.engine.attempts import Attempts
from executor.engine.cache import Cache
from executor.engine.demands import Ask
from executor.engine.desk import Desk
from executor.engine.model import ActiveNode
from executor.engine.placing import Placing
from executor.engine.queue import Queue
from executor.engine.states import NODE_GOOD
from executor.engine.waiting import Waiting
from nodegraph.conditions import evaluate, nodes_read


class Scheduler:
    """Moves nodes on until none can move. `roomy`: hosts have room that no node here can use."""

    def __init__(self, desk: Desk, cache: Cache, attempts: Attempts) -> None:
        self._desk = desk
        self._cache = cache
        self._attempts = attempts
        self._queue = Queue()
        self._placing = Placing(desk, self._queue)
        self._waiting = Waiting(desk, self._queue, self._placing)
        self.roomy = True

    def advance(self) -> None:
        """Move every node that can move, and start those that there is a place for."""
        while self._desk.movable:
            self._move(self._desk.movable.popleft())
        if not self._queue:
            self.roomy = True
        elif not self._desk.stopping and not self._desk.journal.failing:
            for node in self._placing.place():
                self._start(node)
            self.roomy = self._placing.roomy
        self._waiting.tell()

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
            node.ask = node.ask or Ask.of(node.plan, node.run.row.launcher)
            node.since = node.since or time.time()
            self._queue.add(node)
        elif node.phase in ("blocked", "shared"):
            self._open(node)

    def _open(self, node: ActiveNode) -> None:
        """All that a node waits for has ended: skip it, or see whether its result is there already."""
        if node.run.row.cancel_requested:
            self._desk.finish(node, "cancelled", "the run was cancelled")
            return
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

    def _start(self, node: ActiveNode) -> None:
        assert node.ask is not None
        note = self._placing.demand(node.ask).note
        if note and note not in node.why:
            node.why = f"{node.why}; {note}" if node.why else note
        node.row.reason, node.row.waiting, node.since = node.why, None, 0.0
        self._desk.begin_run(node.run)
        self._attempts.begin(node)


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
