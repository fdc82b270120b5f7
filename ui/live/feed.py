"""One run as it stands now, kept up to date from the engine's updates, and what is new in it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from executor.services.runs import Runs, Update
from executor.services.views import RunView

Point = tuple[str, float, int | None]
_RECENT = 60


@dataclass
class Change:
    """What is new: whether the run's state changed, which nodes did, their new numbers, whose log grew."""

    run: bool = False
    nodes: set[str] = field(default_factory=set)
    points: dict[str, list[Point]] = field(default_factory=dict)
    logs: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.run or self.nodes or self.points or self.logs)


class Feed:
    """A run that somebody watches. `view` and `progress` are as new as the last change that was told.

    `recent` has the last numbers of each name that a node has reported, also before it was watched.
    """

    def __init__(self, view: RunView) -> None:
        self.view = view
        self.progress = {name: node.progress for name, node in view.nodes.items() if node.progress}
        self.recent: dict[str, dict[str, deque[float]]] = {}
        self.listeners: list[Callable[[Change], Any]] = []
        self._waiting: list[Update] = []

    def recall(self, runs: Runs) -> None:
        """Look up what the running nodes have reported so far. For a thread."""
        for node in self.view.nodes.values():
            if node.state == "running":
                for point in runs.metrics(self.view.id, node.node):
                    self._note(node.node, point["name"], point["value"])

    def add(self, updates: Iterable[Update]) -> None:
        """Keep updates until the next change is told."""
        self._waiting.extend(updates)

    def refresh(self, runs: Runs) -> Change:
        """Take in what waits and say what is new; reads the run again where a state changed. For a thread."""
        waiting, self._waiting = self._waiting, []
        change = Change()
        stale = False
        for update in waiting:
            stale |= update.kind in ("run", "node", "missed")
            self._take(update, change)
        if stale:
            before, self.view = self.view, runs.get(self.view.id)
            change.run |= (before.state, before.reason) != (self.view.state, self.view.reason)
            change.nodes |= {name for name, node in self.view.nodes.items() if node != before.nodes.get(name)}
        return change

    def _take(self, update: Update, change: Change) -> None:
        node = update.node or ""
        if update.kind == "progress":
            self.progress[node] = update.data
            change.nodes.add(node)
        elif update.kind == "metric":
            point = (update.data["name"], update.data["value"], update.data["step"])
            change.points.setdefault(node, []).append(point)
            self._note(node, point[0], point[1])
        elif update.kind == "log":
            change.logs.add(node)
        elif update.kind == "node" and update.data.get("state") == "queued":
            self.progress.pop(node, None)
            self.recent.pop(node, None)

    def _note(self, node: str, name: str, value: float) -> None:
        self.recent.setdefault(node, {}).setdefault(name, deque(maxlen=_RECENT)).append(value)
