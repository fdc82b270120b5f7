"""What nodes will need, as far as their parameters tell before anything runs."""

from __future__ import annotations

from typing import Any

from nodegraph.pipeline import Pipeline
from nodegraph.registry import Registry
from nodegraph.typed import typed_nodes


def estimates(pipeline: Pipeline, registry: Registry) -> dict[str, dict[str, Any]]:
    """For each node whose type estimates: {parameters, trainable, memory_gb, notes}, None where unknown.

    The pipeline's parameters are filled in. Memory is in GB.
    """
    found = {}
    for name, typed in typed_nodes(pipeline, registry).items():
        estimate = typed.registered.optional("estimate")
        if estimate is not None and typed.params is not None and typed.node.enabled:
            found[name] = estimate(typed.params)
    return found
