"""A pipeline's own parameters as a schema, so that the form of a template is made like that of a node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodegraph.pipeline import Parameter

_TYPES = {"number": "number", "integer": "integer", "boolean": "boolean"}
_WIDGETS = {"text": "textarea", "model": "model", "dataset": "dataset", "secret": "secret"}


def schema_of(parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    """The JSON Schema of a pipeline's parameters."""
    return {
        "type": "object",
        "properties": {name: _property(name, parameter) for name, parameter in parameters.items()},
        "required": [name for name, parameter in parameters.items() if parameter.default is None],
        "additionalProperties": False,
    }


def _property(name: str, parameter: Parameter) -> dict[str, Any]:
    found: dict[str, Any] = {
        "title": parameter.title or name,
        "description": parameter.help,
        "group": "Basic",
        "widget": _WIDGETS.get(parameter.kind, ""),
        "minimum": parameter.min,
        "maximum": parameter.max,
        "default": parameter.default,
    }
    if parameter.choices is not None:
        found["enum"] = parameter.choices
    else:
        found["type"] = _TYPES.get(parameter.kind, "string")
    return {key: value for key, value in found.items() if value not in (None, "")}
