"""Edges: what they are called, whether one fits, and pipelines with an edge more or less."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from nodegraph.graph import Graph
from nodegraph.kinds import refusal
from nodegraph.pipeline import Node, Pipeline
from ui.editor.refused import Refused
from ui.editor.types import Types


@dataclass(frozen=True)
class Edge:
    """From an output to an input; the id is the same in every view of the pipeline."""

    source: str
    source_port: str
    target: str
    target_port: str

    @property
    def id(self) -> str:
        """`source.port>target.port`."""
        return f"{self.source}.{self.source_port}>{self.target}.{self.target_port}"


def edges_into(name: str, node: Node) -> Iterator[Edge]:
    """The edges that end at a node, each once."""
    for port, source, source_port in dict.fromkeys(node.edges()):
        yield Edge(source, source_port, name, port)


def edges(pipeline: Pipeline) -> Iterator[Edge]:
    """Every edge, in the order of the file."""
    for name, node in pipeline.nodes.items():
        yield from edges_into(name, node)


def connected(pipeline: Pipeline, types: Types, source: str, target: str) -> Pipeline:
    """The pipeline with an edge from `node.port` to `node.port`; an input that takes one gets this one."""
    edge = _edge(source, target)
    many = _check(pipeline, types, edge)
    node = pipeline.nodes[edge.target]
    before = node.inputs.get(edge.target_port, [])
    given: str | list[str] = source
    if many:
        taken = [before] if isinstance(before, str) else before
        given = list(taken) if source in taken else [*taken, source]
    return _with_inputs(pipeline, edge.target, {**node.inputs, edge.target_port: given})


def without_edges(pipeline: Pipeline, ids: Collection[str]) -> Pipeline:
    """The pipeline without these edges."""
    wanted = set(ids)
    for name, node in pipeline.nodes.items():
        gone = {(edge.target_port, f"{edge.source}.{edge.source_port}")
                for edge in edges_into(name, node) if edge.id in wanted}  # fmt: skip
        if gone:
            pipeline = _with_inputs(pipeline, name, _left(node, gone))
    return pipeline


def edges_at(pipeline: Pipeline, nodes: Collection[str]) -> list[str]:
    """The ids of the edges that begin or end at one of these nodes."""
    return [edge.id for edge in edges(pipeline) if edge.source in nodes or edge.target in nodes]


def _left(node: Node, gone: set[tuple[str, str]]) -> dict[str, str | list[str]]:
    inputs: dict[str, str | list[str]] = {}
    for port, given in node.inputs.items():
        if isinstance(given, str):
            if (port, given) not in gone:
                inputs[port] = given
        elif (kept := [source for source in given if (port, source) not in gone]) or not given:
            inputs[port] = kept
    return inputs


def _with_inputs(pipeline: Pipeline, name: str, inputs: dict[str, str | list[str]]) -> Pipeline:
    if inputs == pipeline.nodes[name].inputs:
        return pipeline
    node = pipeline.nodes[name].model_copy(update={"inputs": inputs})
    return pipeline.model_copy(update={"nodes": {**pipeline.nodes, name: node}})


def _edge(source: str, target: str) -> Edge:
    source_node, _, source_port = source.partition(".")
    target_node, _, target_port = target.partition(".")
    return Edge(source_node, source_port, target_node, target_port)


def _check(pipeline: Pipeline, types: Types, edge: Edge) -> bool:
    """Whether the input takes many; Refused where the edge does not fit."""
    for name in (edge.source, edge.target):
        if name not in pipeline.nodes:
            raise Refused(f"There is no node {name}.")
    source = types.outputs(pipeline, edge.source).get(edge.source_port)
    target = types.inputs(pipeline, edge.target).get(edge.target_port)
    if source is None:
        raise Refused(f"{edge.source} has no output {edge.source_port}.")
    if target is None:
        raise Refused(f"{edge.target} has no input {edge.target_port}.")
    if edge.source == edge.target:
        raise Refused(f"{edge.source} cannot feed itself.")
    fault = refusal(source.kind, target.kind, full_weights=target.full_weights)
    if fault:
        raise Refused(f"{edge.target}.{edge.target_port} {fault}")
    back = Graph.of(pipeline).path(edge.target, edge.source)
    if back:
        shown = back if len(back) <= 6 else [*back[:4], "…", back[-1]]
        raise Refused(f"This edge would close a circle: {' → '.join([edge.source, *shown])}")
    return target.many
