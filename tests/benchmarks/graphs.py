"""Graphs of no-op nodes, as pipeline files; the numbers are their parameters."""

from __future__ import annotations

import random
from collections.abc import Callable

Graph = Callable[[range], str]


def chain(numbers: range) -> str:
    """Each node after the one before."""
    return pipeline(numbers, lambda i: [i - 1] if i else [])


def making(numbers: range) -> str:
    """A chain of nodes that each make an artifact that nobody has made before."""
    return pipeline(numbers, lambda i: [i - 1] if i else [], more=", new: true")


def fan(numbers: range) -> str:
    """All nodes side by side, with nothing before them."""
    return pipeline(numbers, lambda _: [])


def layered(numbers: range) -> str:
    """Layers of 50, each node after one to three random nodes of the layer before."""
    choose = random.Random(7)

    def before(i: int) -> list[int]:
        layer = i // 50
        if not layer:
            return []
        return sorted(choose.sample(range((layer - 1) * 50, layer * 50), choose.randint(1, 3)))

    return pipeline(numbers, before)


def pipeline(
    numbers: range, before: Callable[[int], list[int]], kind: str = "custom.noop", more: str = ""
) -> str:
    """A pipeline file of no-op nodes, `before(i)` being the nodes that the i-th waits for."""
    lines = ["nodegraph: 1", "name: bench", "nodes:"]
    for i, number in enumerate(numbers):
        sources = ", ".join(f"n{j}.text" for j in before(i))
        inputs = f", inputs: {{after: [{sources}]}}" if sources else ""
        lines.append(f"  n{i}: {{type: {kind}, params: {{number: {number}{more}}}{inputs}}}")
    return "\n".join(lines) + "\n"
