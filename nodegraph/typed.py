"""A pipeline's nodes with their types, checked parameters and ports: what validation and plan start from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from nodegraph.contract import NodeParams, Ports
from nodegraph.pipeline import Node, Pipeline
from nodegraph.references import mentions_parameter
from nodegraph.registry import Registered, Registry


@dataclass
class TypedNode:
    """A node whose type is known. Ports are None where they depend on parameters that are wrong."""

    node: Node
    registered: Registered
    params: NodeParams | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    inputs: Ports | None = None
    outputs: Ports | None = None
    fault: str = ""


def typed_nodes(pipeline: Pipeline, registry: Registry) -> dict[str, TypedNode]:
    """Every node whose type the registry knows, in the order of the file. Never raises.

    Nodes of one type with the same parameters share the checked ones.
    """
    found: dict[str, TypedNode] = {}
    seen: dict[tuple[str, str], TypedNode] = {}
    for name, node in pipeline.nodes.items():
        registered = registry.get(node.type)
        if registered is None:
            continue
        # repr tells 1, 1.0 and true apart, as strict parameters do.
        key = (node.type, repr(node.params))
        if key not in seen:
            seen[key] = typed_node(node, registered)
        found[name] = replace(seen[key], node=node)
    return found


def typed_node(node: Node, registered: Registered) -> TypedNode:
    """One node with its type. Never raises."""
    typed = TypedNode(node, registered)
    given = {key: value for key, value in node.params.items() if not mentions_parameter(value)}
    try:
        typed.params = registered.node.params.model_validate(given)
    except ValidationError as error:
        found = (dict(fault) for fault in error.errors(include_url=False))
        typed.errors = [fault for fault in found if not _is_open(fault, node.params, given)]
    except Exception as error:
        typed.fault = f"{type(error).__name__}: {error}"
    declared = registered.node
    if not callable(declared.inputs):
        typed.inputs = declared.inputs
    if not callable(declared.outputs):
        typed.outputs = declared.outputs
    if typed.params is not None and (typed.inputs is None or typed.outputs is None):
        try:
            typed.inputs = declared.input_ports(typed.params)
            typed.outputs = declared.output_ports(typed.params)
        except Exception as error:
            typed.fault = f"{type(error).__name__}: {error}"
    return typed


def _is_open(fault: Mapping[str, Any], params: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Whether a parameter is missing only because its `${parameters.…}` has no value yet."""
    place = fault["loc"]
    return fault["type"] == "missing" and bool(place) and place[0] in params and place[0] not in given
