"""How long a row may be: what the person asked for, and what the model has positions for."""

from __future__ import annotations

from typing import Any

from nodegraph import Context


def usable_length(wanted: int, config: Any, ctx: Context) -> int:
    """`wanted`, or the model's own limit where that is lower."""
    known = getattr(config.get_text_config(), "max_position_embeddings", None)
    if known and wanted > known:
        ctx.log(f"max_length {wanted} is more than the model's {known} positions; {known} is used.")
        return int(known)
    return wanted
