"""Types, checked parameters and ports of a pipeline's nodes, looked at again only where a node changed."""

from __future__ import annotations

from dataclasses import dataclass

from nodegraph.contract import Port, Ports
from nodegraph.pipeline import Node, Parameter, Pipeline
from nodegraph.references import mentions_parameter, resolve
from nodegraph.registry import Registry
from nodegraph.typed import TypedNode, typed_node


@dataclass(frozen=True)
class _Seen:
    node: Node
    parameters: dict[str, Parameter]
    typed: TypedNode | None


class Types:
    """What the registry knows of each node."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._seen: dict[str, _Seen] = {}

    def of(self, pipeline: Pipeline, name: str) -> TypedNode | None:
        """A node with its type, its `${parameters.…}` filled in; None where the type is unknown.

        Where its ports depend on parameters and some are wrong, the ports are those of the other ones.
        """
        node, parameters = pipeline.nodes[name], pipeline.parameters
        seen = self._seen.get(name)
        if seen is None or seen.node is not node or seen.parameters is not parameters:
            seen = self._seen[name] = _Seen(node, parameters, self._typed(pipeline, name))
        return seen.typed

    def inputs(self, pipeline: Pipeline, name: str) -> Ports:
        """The inputs that its type declares; none where that is unknown."""
        typed = self.of(pipeline, name)
        return typed.inputs or {} if typed else {}

    def outputs(self, pipeline: Pipeline, name: str) -> dict[str, Port]:
        """The outputs that its type declares; none where that is unknown."""
        typed = self.of(pipeline, name)
        return dict(typed.outputs or {}) if typed else {}

    def _typed(self, pipeline: Pipeline, name: str) -> TypedNode | None:
        node = pipeline.nodes[name]
        registered = self.registry.get(node.type)
        if registered is None:
            return None
        if mentions_parameter(node.params):
            alone = pipeline.model_copy(update={"nodes": {name: node}, "notify": []})
            node = resolve(alone, partial=True).pipeline.nodes[name]
        typed = typed_node(node, registered)
        if typed.inputs is None or typed.outputs is None:
            wrong = {error["loc"][0] for error in typed.errors if error["loc"]}
            right = {key: value for key, value in node.params.items() if key not in wrong}
            fallback = typed_node(node.model_copy(update={"params": right}), registered)
            typed.inputs, typed.outputs = fallback.inputs, fallback.outputs
        return typed
