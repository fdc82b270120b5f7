"""Drafts of an open pipeline: the graph that is not saved, and a text that is no pipeline file yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from executor.services.drafts import Drafts
from nodegraph.format import load


@dataclass(frozen=True)
class Kept:
    """What was kept of a pipeline: its graph as text, with the version that began from, and a rough text."""

    text: str | None = None
    base_version: int | None = None
    changed: float | None = None
    rough: str | None = None


class Keeper:
    """Reads and writes the drafts of one pipeline. No pipeline's name has a dot, so both are apart."""

    def __init__(self, drafts: Drafts, name: str) -> None:
        self._drafts = drafts
        self._name, self._rough = name, f"{name}.yaml"
        self._there: set[str] = set()

    def read(self) -> Kept:
        """What was kept."""
        graph, rough = self._drafts.get(self._name), self._drafts.get(self._rough)
        self._there = {key for key, one in ((self._name, graph), (self._rough, rough)) if one is not None}
        begun = rough.text if rough else None
        times = [one.changed for one in (graph, rough) if one is not None]
        changed = max(times, default=None)
        if graph is None or load(graph.text).pipeline is None:
            return Kept(changed=changed, rough=begun if graph is None else graph.text)
        return Kept(graph.text, graph.base_version, changed, begun)

    def write(self, graph: Callable[[], str] | None, rough: str | None, base_version: int | None) -> bool:
        """Keep these in place of what was kept, None: nothing; whether there is a draft now. For a thread."""
        self._put(self._name, graph() if graph else None, base_version)
        self._put(self._rough, rough, base_version)
        return bool(self._there)

    def _put(self, key: str, text: str | None, base_version: int | None) -> None:
        if text is not None:
            self._drafts.keep(key, text, base_version)
            self._there.add(key)
        elif key in self._there:
            self._drafts.drop(key)
            self._there.discard(key)
