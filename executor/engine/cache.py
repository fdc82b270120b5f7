"""Whether a node's result is there already: its key, the cached outputs, their health; one flight per key."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from executor.engine import failures
from executor.engine.desk import Desk
from executor.engine.entries import Entries
from executor.engine.keys import Keys
from executor.engine.model import ActiveNode
from nodegraph.errors import InvalidInput, NodeGraphError, StoreError
from nodegraph.local_files import file_params


class Cache:
    """Decides between a hit, waiting for another node with the same key, and running."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world
        self._keys = Keys(desk.world.environment_digest)
        self._entries = Entries(desk)

    def look(self, node: ActiveNode) -> None:
        """Work out the key of a node whose inputs are there, and act on it."""
        if node.row.key is not None:
            self._take_off(node)
            return
        if not self.locate(node):
            return
        try:
            known = {param: self._world.sources.known(path) for param, path in node.files.items()}
        except (InvalidInput, OSError) as error:
            self._fail(node, error)
            return
        digests = {param: digest for param, digest in known.items() if digest is not None}
        if len(digests) == len(node.files):
            self._keyed(node, digests)
            return
        node.phase = "looking"
        node.row.reason = "reads its data to see whether it has changed"
        self._desk.show(node)
        files = dict(node.files)
        self._desk.workers.do(
            lambda: {param: self._world.sources.digest(path) for param, path in files.items()},
            lambda found: self._keyed(node, found),
            lambda error: self._fail(node, error),
        )

    def locate(self, node: ActiveNode) -> bool:
        """Find the local files that a node's parameters name; a node whose files are gone fails."""
        try:
            base_dir = Path(node.run.row.base_dir)
            node.files = self._world.sources.find_all(file_params(node.plan.params), base_dir)
        except (InvalidInput, OSError) as error:
            self._fail(node, error)
            return False
        return True

    def claim(self, node: ActiveNode) -> None:
        """A node found running after a restart computes its key."""
        if node.row.key and node.plan.registered.node.cached:
            self._desk.flights.setdefault(node.row.key, (node, []))

    def close(self) -> None:
        """Give the connection back."""
        self._entries.close()

    def _keyed(self, node: ActiveNode, files: dict[str, str]) -> None:
        if node.phase == "done":
            return
        step = node.plan
        inputs = {
            port: [node.run.nodes[source.node].row.outputs[source.port]["digest"] for source in sources]
            for port, sources in step.sources.items()
        }
        try:
            found = self._keys.of(step, inputs, files)
        except (OSError, SyntaxError, NodeGraphError) as error:
            self._fail(node, error)
            return
        node.row.key, node.row.components = found.key, found.components
        self._take_off(node)

    def _take_off(self, node: ActiveNode) -> None:
        """One node at a time computes a key, across all runs; the others wait and then look again."""
        key = node.row.key
        assert key is not None
        if not node.plan.registered.node.cached:
            self._miss(node, "")
            return
        if node.phase == "shared":
            node.row.waiting = None
        flying = self._desk.flights.get(key)
        if flying is not None and flying[0] is not node:
            other = flying[0]
            flying[1].append(node)
            node.phase = "shared"
            node.row.reason = f"waits for run {other.run.id}, node {other.name}, which computes the same"
            node.row.waiting = {"wants": "", "position": None, "since": time.time()}
            self._desk.show(node)
            return
        self._desk.flights[key] = (node, [])
        if node.fresh:
            self._miss(node, "asked to run again")
            return
        entry = self._entries.find(key)
        if entry is None:
            self._miss(node, self._entries.changes(node))
        else:
            self._inspect(node, entry)

    def _inspect(self, node: ActiveNode, entry: dict[str, Any]) -> None:
        digests = [output["digest"] for output in entry["outputs"].values()]
        services = [o["digest"] for o in entry["outputs"].values() if o["kind"] == "service"]
        health = {digest: self._world.store.health(digest) for digest in digests}
        if "missing" in health.values():
            self._damaged(node, entry, StoreError("Its cached result is no longer in the store."))
        elif not services and "suspect" not in health.values():
            self._hit(node, entry)
        else:
            node.phase = "looking"
            suspects = [digest for digest, state in health.items() if state == "suspect"]
            self._desk.workers.do(
                lambda: self._check(suspects, services),
                lambda alive: self._hit(node, entry) if alive else self._miss(node, "its service has ended"),
                lambda error: self._damaged(node, entry, error),
            )

    def _check(self, suspects: list[str], services: list[str]) -> bool:
        for digest in suspects:
            self._world.store.verify(digest)
        return all(self._world.service_alive(digest) for digest in services)

    def _hit(self, node: ActiveNode, entry: dict[str, Any]) -> None:
        if node.phase == "done":
            return
        row = node.row
        row.source_run, row.source_node = entry["run_id"], entry["node"]
        row.outputs, row.metrics = entry["outputs"], entry["metrics"]
        self._desk.finish(node, "cached")

    def _miss(self, node: ActiveNode, reason: str) -> None:
        if node.phase == "done":
            return
        node.row.reason = node.why = reason
        node.phase = "ready"
        self._desk.show(node)
        self._desk.movable.append(node)

    def _damaged(self, node: ActiveNode, entry: dict[str, Any], error: BaseException) -> None:
        self._desk.journal.drop(entry["key"])
        self._miss(node, str(error))

    def _fail(self, node: ActiveNode, error: BaseException) -> None:
        if node.phase == "done":
            return
        if isinstance(error, InvalidInput):
            failure = failures.Failure("input", error.message, error.hint)
        else:
            failure = failures.of_error(error)
        node.row.error = failure.as_dict()
        self._desk.finish(node, "failed")
