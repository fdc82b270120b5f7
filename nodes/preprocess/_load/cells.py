"""Turns and histories that the cells of a table hold as text."""

from __future__ import annotations

from typing import Any

from nodes.common.dataset import Row
from nodes.preprocess._load.recipes import Recipe
from nodes.preprocess._load.turns import is_turn, unpacked

_FIELDS = ("prompt", "completion", "chosen", "rejected", "history")


def with_unpacked(row: Row, recipe: Recipe) -> Row:
    """The row with turns in place of text that spells turns; any other text stays as it is."""
    for field in _FIELDS:
        column = recipe.columns.get(field) or recipe.maybe.get(field)
        text = row.get(column) if column else None
        if isinstance(text, str) and text.lstrip()[:1] in ("[", "{"):
            value = _tried(text)
            if _is_history(value) if field == "history" else _is_talk(value):
                row = {**row, str(column): value}
    return row


def _tried(text: str) -> Any:
    try:
        return unpacked(text)
    except ValueError:
        return None


def _is_talk(value: Any) -> bool:
    turns = value if isinstance(value, list) else [value]
    return bool(turns) and all(is_turn(turn) for turn in turns)


def _is_history(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(pair, (list, tuple)) for pair in value)
