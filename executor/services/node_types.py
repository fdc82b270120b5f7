"""Node types as people look them up: all of them, or one with its ports and parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nodegraph.describe import describe_type
from nodegraph.errors import NotFound
from nodegraph.registry import Broken, Registry


class NodeTypes:
    """What the registry found."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def list(self) -> list[dict[str, Any]]:
        """Every node type as JSON, by category."""
        return [describe_type(registered) for registered in self._registry]

    def get(self, type_id: str) -> dict[str, Any]:
        """One node type as JSON; NotFound with the nearest known id."""
        registered = self._registry.get(type_id)
        if registered is None:
            raise NotFound(f"There is no node type {type_id}.", self._registry.suggestion(type_id))
        return describe_type(registered)

    def broken(self) -> Sequence[Broken]:
        """Modules that are no usable node types, and why."""
        return list(self._registry.broken.values())
