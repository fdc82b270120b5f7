"""The kinds of artifact that flow along edges, and which kind an input takes.

An adapter is a model whose base is recorded, so an input of kind model takes one too,
unless its port says that it needs full weights.
"""

from __future__ import annotations

from typing import Literal, get_args

Kind = Literal["dataset", "model", "adapter", "metrics", "report", "service", "text", "image"]
KINDS: tuple[Kind, ...] = get_args(Kind)
PARENT: dict[Kind, Kind] = {"adapter": "model"}


def is_a(kind: Kind, ancestor: Kind) -> bool:
    """Whether an artifact of `kind` is also one of `ancestor`."""
    current: Kind | None = kind
    while current is not None:
        if current == ancestor:
            return True
        current = PARENT.get(current)
    return False


def refusal(source: Kind, target: Kind, *, full_weights: bool = False) -> str | None:
    """Why an output of kind `source` cannot feed an input of kind `target`; None where it can."""
    if not is_a(source, target):
        return f"needs {target}, got {source}"
    if full_weights and source != target:
        return f"needs full weights, got {source}"
    return None
