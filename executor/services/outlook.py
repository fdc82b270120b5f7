"""What each node of a pipeline would do if it were run now: nothing, because its result is there, or what.

Reads only: nothing is started, hashed files stay small, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from executor.database.session import Database
from executor.engine.keys import Keys
from executor.engine.scheduling import read_metrics
from executor.services.history import Entry, History, Last
from executor.services.views import OutputView
from executor.sources import Sources
from executor.store.digests import file_digest
from executor.store.store import ArtifactStore
from nodegraph.conditions import ConditionError, evaluate, nodes_read
from nodegraph.errors import NodeGraphError
from nodegraph.format import load
from nodegraph.local_files import file_params
from nodegraph.pipeline import Pipeline
from nodegraph.plan import CacheKey, Plan, Step, explain
from nodegraph.references import resolve
from nodegraph.registry import Registry

State = Literal["draft", "succeeded", "cached", "failed", "stale", "skipped"]
_GOOD = ("succeeded", "cached")
# A file that was never hashed is hashed here if that takes no time to speak of.
_SMALL = 4 << 20


@dataclass(frozen=True)
class NodeOutlook:
    """How a node stands. `why` says what changed, why it is skipped, or is empty.

    `run` is where its result comes from, where it failed, or where the result that is now stale was made.
    """

    state: State
    why: str = ""
    run: int | None = None
    seconds: float | None = None
    outputs: dict[str, OutputView] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    error: dict[str, Any] | None = None


class Outlook:
    """Holds pipelines against what has been run. Callable from any thread."""

    def __init__(
        self,
        database: Database,
        store: ArtifactStore,
        registry: Registry,
        sources: Sources,
        environment_digest: Callable[[str], str],
        serving: Callable[[str], bool],
    ) -> None:
        self._database = database
        self.store = store
        self.registry = registry
        self.sources = sources
        self.serving = serving
        self.keys = Keys(environment_digest)

    def of(
        self, pipeline: str | Pipeline, base_dir: Path, params: Mapping[str, Any] | None = None
    ) -> dict[str, NodeOutlook]:
        """The outlook of every node, also where others are wrong; nothing for a text that cannot be read."""
        draft = load(pipeline).draft if isinstance(pipeline, str) else pipeline
        if draft is None:
            return {}
        resolved = resolve(draft, params, partial=True).pipeline
        plan = Plan.of(resolved, self.registry)
        with self._database.read() as session:
            look = _Look(self, plan, base_dir, History(session, draft.name))
            for step in plan.steps.values():
                look.at(step)
            return {name: look.found.get(name) or look.outside(name) for name in draft.nodes}


class _Look:
    """One look at one pipeline: nodes in order, each after those it depends on."""

    def __init__(self, outlook: Outlook, plan: Plan, base_dir: Path, history: History) -> None:
        self._outlook = outlook
        self._plan = plan
        self._base_dir = base_dir
        self._history = history
        self.found: dict[str, NodeOutlook] = {}

    def at(self, step: Step) -> None:
        """Find the outlook of a node whose upstream is known."""
        self.found[step.node_id] = self._skipped(step) or self._keyed(step)

    def outside(self, name: str) -> NodeOutlook:
        """A node that is not in the plan: disabled, or not right yet."""
        if name in self._plan.skipped:
            return NodeOutlook("skipped", self._plan.skipped[name])
        return self._not_done(name, "its settings")

    def _skipped(self, step: Step) -> NodeOutlook | None:
        for before in step.waits_for:
            if self._state(before) == "skipped":
                return NodeOutlook("skipped", f"{before} was skipped")
        when = step.node.when
        if not when:
            return None
        try:
            read = nodes_read(when)
            if any(self._state(name) not in _GOOD for name in read):
                return None
            verdict = evaluate(when, {name: self._indicators(name) for name in read})
        except ConditionError:
            return None
        if verdict:
            return None
        return NodeOutlook("skipped", f"its condition does not hold: {verdict.explanation}")

    def _keyed(self, step: Step) -> NodeOutlook:
        name = step.node_id
        upstream = {self._state(before) for before in step.waits_for}
        if not upstream <= set(_GOOD):
            return self._not_done(name, "upstream failed" if "failed" in upstream else "upstream changed")
        missing = [port for port, one in step.inputs.items() if not one.optional and port not in step.sources]
        if missing:
            return self._not_done(name, f"input {missing[0]}")
        last = self._history.last.get(name)
        try:
            files = self._files(step)
            key = None if files is None else self._outlook.keys.of(step, self._inputs(step), files)
        except (NodeGraphError, OSError, SyntaxError):
            return _failed(last) if last and not last.key and last.error else self._not_done(name, "its data")
        if key is None:
            return self._not_done(name, "its data")
        if not step.registered.node.cached:
            return self._uncached(step, key, last)
        return self._cached(step, key, last)

    def _cached(self, step: Step, key: CacheKey, last: Last | None) -> NodeOutlook:
        entry = self._history.entry(key.key)
        if entry is None:
            if last is not None and last.state == "failed" and last.key == key.key:
                return _failed(last)
            return self._changed(step.node_id, key)
        if fault := self._fault(entry.outputs):
            return NodeOutlook("stale", fault, entry.run)
        ours = last is not None and last.run == entry.run and last.state == "succeeded"
        return self._good("succeeded" if ours else "cached", entry)

    def _uncached(self, step: Step, key: CacheKey, last: Last | None) -> NodeOutlook:
        """A node that runs anew each time stands as its last run left it."""
        if last is None or last.state not in ("succeeded", "failed"):
            return NodeOutlook("draft")
        if last.key != key.key:
            return _stale(last.run, last.components, key)
        if last.state == "failed":
            return _failed(last)
        if fault := self._fault(last.outputs):
            return NodeOutlook("stale", fault, last.run)
        return self._good(
            "succeeded", Entry(last.run, step.node_id, last.outputs, last.metrics, last.seconds)
        )

    def _changed(self, name: str, key: CacheKey) -> NodeOutlook:
        earlier = self._history.earlier.get(name)
        return _stale(earlier.run, earlier.components, key) if earlier else NodeOutlook("draft")

    def _not_done(self, name: str, why: str) -> NodeOutlook:
        earlier, last = self._history.earlier.get(name), self._history.last.get(name)
        if earlier is not None:
            return NodeOutlook("stale", why, earlier.run)
        if last is not None and last.state == "succeeded":
            return NodeOutlook("stale", why, last.run)
        return NodeOutlook("draft")

    def _good(self, state: State, entry: Entry) -> NodeOutlook:
        views = {
            port: OutputView(o["kind"], o["digest"], str(self._outlook.store.path(o["digest"])), o["bytes"])
            for port, o in entry.outputs.items()
        }
        return NodeOutlook(state, "", entry.run, entry.seconds, views, entry.metrics)

    def _fault(self, outputs: Mapping[str, Any]) -> str:
        for output in outputs.values():
            health = self._outlook.store.health(output["digest"])
            if health != "good":
                return "its result is gone" if health == "missing" else "its result must be checked"
            if output["kind"] == "service" and not self._outlook.serving(output["digest"]):
                return "its service has ended"
        return ""

    def _inputs(self, step: Step) -> dict[str, list[str]]:
        return {
            port: [self.found[source.node].outputs[source.port].digest for source in sources]
            for port, sources in step.sources.items()
        }

    def _files(self, step: Step) -> dict[str, str] | None:
        sources = self._outlook.sources
        digests = {}
        for place, path in sources.find_all(file_params(step.params), self._base_dir).items():
            digest = sources.known(path)
            if digest is None and path.is_file() and path.stat().st_size <= _SMALL:
                digest = file_digest(path)
            if digest is None:
                return None
            digests[place] = digest
        return digests

    def _indicators(self, name: str) -> dict[str, dict[str, Any]]:
        outputs = self.found[name].outputs.items()
        return {port: read_metrics(Path(one.path)) for port, one in outputs if one.kind == "metrics"}

    def _state(self, name: str) -> str:
        if name in self.found:
            return self.found[name].state
        return "skipped" if name in self._plan.skipped else "draft"


def _failed(last: Last) -> NodeOutlook:
    return NodeOutlook("failed", "", last.run, last.seconds, error=last.error)


def _stale(run: int, components: Mapping[str, str], key: CacheKey) -> NodeOutlook:
    words = explain(components, key.components)
    # New artifacts come of something that changed further up, which says so itself.
    own = [word for word in words if not word.startswith("input ")]
    return NodeOutlook("stale", ", ".join(own) or "upstream changed", run)
