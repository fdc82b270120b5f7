"""The plan of a run: which nodes, in what order, from which sources, and the cache key of each.

Pure: digests of code, inputs, environment and files are passed in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nodegraph.bypass import Source, wire
from nodegraph.conditions import nodes_read
from nodegraph.contract import NodeParams, Ports
from nodegraph.graph import Graph
from nodegraph.pipeline import Node, Pipeline
from nodegraph.references import secret_fields, secret_name
from nodegraph.registry import Registered, Registry
from nodegraph.typed import typed_nodes


@dataclass(frozen=True)
class Step:
    """One node of a plan: its checked parameters, its ports, and where each input comes from.

    `sources` are by input port, after disabled nodes are bypassed; `waits_for` are the nodes that must end
    first, those that a condition reads among them. `fresh` asks for execution even where the cache has it.
    """

    node_id: str
    node: Node
    registered: Registered
    params: NodeParams
    inputs: Ports
    outputs: Ports
    sources: dict[str, list[Source]]
    waits_for: list[str]
    fresh: bool = False


@dataclass(frozen=True)
class Plan:
    """The steps of a run in order, and the nodes left out, each with the reason."""

    steps: dict[str, Step]
    skipped: dict[str, str]

    @property
    def order(self) -> list[str]:
        """The nodes in an order in which they can run."""
        return list(self.steps)

    @classmethod
    def of(
        cls, pipeline: Pipeline, registry: Registry, *, until: str | None = None, from_: str | None = None
    ) -> Plan:
        """The plan for a resolved pipeline that validates.

        `until` keeps a node and what it depends on. `from_` keeps a node, what depends on it, and what
        those need: the node and what depends on it are `fresh`, the others may come from the cache.
        KeyError where there is no node of that name.
        """
        for name in (until, from_):
            if name is not None and name not in pipeline.nodes:
                raise KeyError(name)
        graph = Graph.of(pipeline)
        order = graph.order()
        nodes = typed_nodes(pipeline, registry)
        wiring = wire(nodes, order)
        fresh = set() if from_ is None else {from_, *graph.descendants(from_)}
        wanted = _wanted(graph, order, until, fresh)
        steps = {}
        for name in order:
            typed = nodes.get(name)
            if name not in wanted or name in wiring.skipped or typed is None or typed.params is None:
                continue
            sources = wiring.sources[name]
            reads = [node for node in nodes_read(typed.node.when or "") if node in steps]
            waits = [source.node for found in sources.values() for source in found] + reads
            steps[name] = Step(
                name, typed.node, typed.registered, typed.params, typed.inputs or {}, typed.outputs or {},
                sources, list(dict.fromkeys(waits)), name in fresh,
            )  # fmt: skip
        skipped = {name: reason for name, reason in wiring.skipped.items() if name in wanted}
        return cls(steps, skipped)


@dataclass(frozen=True)
class CacheKey:
    """A node's cache key, and the parts it is made of by name, so that a miss can say what changed."""

    key: str
    components: dict[str, str]


def cache_key(
    step: Step, *, code: str, inputs: Mapping[str, Sequence[str]], environment: str, files: Mapping[str, str]
) -> CacheKey:
    """The cache key of a step: hex SHA-256 over its parts.

    `code` and `environment` are digests; `inputs` are the artifacts' digests by port, in order; `files`
    are the digests of local files by where they are named (see `local_files`).
    """
    components = {"type": step.registered.id, "code": code, "environment": environment}
    for name, value in canonical_params(step.params).items():
        components[f"param:{name}"] = _json(value)
    for port in sorted(inputs):
        components[f"input:{port}"] = " ".join(inputs[port])
    for name in sorted(files):
        components[f"file:{name}"] = files[name]
    return CacheKey(hashlib.sha256(_json(components).encode()).hexdigest(), components)


def canonical_params(params: NodeParams) -> dict[str, Any]:
    """All parameters with their defaults as JSON values, sorted; secrets by name."""
    values = params.model_dump(mode="json")
    for name in secret_fields(type(params)):
        if isinstance(values.get(name), str):
            values[name] = secret_name(values[name])
    return dict(sorted(values.items()))


def explain(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """What changed between the components of two cache keys: parameters by name, then all else in words."""
    changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return [
        _in_words(name) for name in sorted(changed, key=lambda name: (not name.startswith("param:"), name))
    ]


def _in_words(component: str) -> str:
    family, _, name = component.partition(":")
    return {
        "param": name,
        "input": f"input {name}",
        "file": f"content of {name}",
        "code": "code of the node type",
        "type": "node type",
    }.get(family, component)


def _wanted(graph: Graph, order: list[str], until: str | None, fresh: set[str]) -> set[str]:
    wanted = set(order) if until is None else set(graph.until(until))
    if fresh:
        needed = set(fresh)
        for name in fresh:
            needed |= graph.ancestors(name)
        wanted &= needed
    return wanted


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
