"""Reaches every text of a normalised row, wherever it stands: a field, or the turns of a conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from nodes.common.dataset import Row

FIELDS = ("text", "prompt", "messages", "completion", "chosen", "rejected")
ANSWERS = frozenset({"completion", "chosen", "rejected"})
Change = Callable[[str, str, str], str]


def map_texts(row: Row, change: Change) -> Row:
    """A copy of `row` with each text replaced by `change(text, field, role)`; other columns stay as they are.

    `role` is that of the turn; a plain prompt has the role user, a plain answer assistant, a text none.
    """
    return {name: _mapped(value, name, change) if name in FIELDS else value for name, value in row.items()}


def map_strings(value: Any, change: Callable[[str], str]) -> Any:
    """A copy of any JSON value with each string in it replaced, keys aside."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [map_strings(item, change) for item in value]
    if isinstance(value, dict):
        return {key: map_strings(item, change) for key, item in value.items()}
    return value


def field_text(value: Any) -> str:
    """The text of one field as one string; the turns of a conversation stand one a line."""
    if isinstance(value, list):
        return "\n".join(_content(turn) for turn in value)
    return "" if value is None else str(value)


def answer_of(row: Row) -> str | None:
    """The answer a model should learn from this row; None where it holds none."""
    for name in ("completion", "chosen"):
        if name in row:
            return field_text(row[name])
    if "messages" in row:
        turns = [turn for turn in row["messages"] if turn.get("role") == "assistant"]
        # A turn that calls a tool has no words of its own.
        return "".join(_content(turn) or ("call" if turn.get("tool_calls") else "") for turn in turns[-1:])
    return None


def question_of(row: Row) -> str | None:
    """What is asked in this row; None where nothing is."""
    if "prompt" in row:
        return field_text(row["prompt"])
    if "messages" in row:
        return "\n".join(_content(turn) for turn in row["messages"] if turn.get("role") != "assistant")
    return None


def short_texts(row: Row) -> Iterator[tuple[str, str]]:
    """The fields of a row with their text, for tables: (field, text)."""
    for name, value in row.items():
        yield name, field_text(value) if name in FIELDS else str(value)


def _mapped(value: Any, name: str, change: Change) -> Any:
    if isinstance(value, str):
        role = "assistant" if name in ANSWERS else "user" if name == "prompt" else ""
        return change(value, name, role)
    if isinstance(value, list):
        return [
            {**turn, "content": change(turn["content"], name, str(turn.get("role", "")))}
            if isinstance(turn, dict) and isinstance(turn.get("content"), str)
            else turn
            for turn in value
        ]
    return value


def _content(turn: Any) -> str:
    content = turn.get("content") if isinstance(turn, dict) else turn
    return content if isinstance(content, str) else ""
