"""A node type as JSON: what `nodegraph nodes TYPE --json` prints and the interface builds forms from."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from nodegraph.contract import NodeType, Ports
from nodegraph.registry import Registered


def describe_type(registered: Registered) -> dict[str, Any]:
    """What a node type is: ports are those of the default parameters, parameters are JSON Schema."""
    node = registered.node
    inputs, outputs = _ports(node)
    return {
        "id": registered.id,
        "title": node.title,
        "category": node.category,
        "summary": registered.summary,
        "inputs": inputs,
        "outputs": outputs,
        "parameters": node.params.model_json_schema(),
        "resources": node.resources.model_dump(),
        "environment": node.environment,
    }


def _ports(node: NodeType) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The ports; None where they depend on parameters that have no default."""
    if not callable(node.inputs) and not callable(node.outputs):
        return _as_json(node.inputs), _as_json(node.outputs)
    try:
        params = node.params.model_validate({})
    except ValidationError:
        fixed = [None if callable(ports) else _as_json(ports) for ports in (node.inputs, node.outputs)]
        return fixed[0], fixed[1]
    return _as_json(node.input_ports(params)), _as_json(node.output_ports(params))


def _as_json(ports: Ports) -> dict[str, Any]:
    return {
        name: {
            "kind": port.kind,
            "optional": port.optional,
            "many": port.many,
            "full_weights": port.full_weights,
            "help": port.help,
        }
        for name, port in ports.items()
    }
