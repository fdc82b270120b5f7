"""The two forms of a row, plain text and lists of turns, and how one dataset gets a single form.

TRL takes both, but not mixed: https://huggingface.co/docs/trl/dataset_formats
"""

from __future__ import annotations

from typing import Any

from nodes.common.dataset import Row

Turn = dict[str, Any]
_ROLE = {"prompt": "user", "completion": "assistant", "chosen": "assistant", "rejected": "assistant"}


def is_chat(row: Row) -> bool:
    """Whether the prompt or the messages of a row are turns of a conversation."""
    return isinstance(row.get("messages", row.get("prompt")), list)


def to_chat(row: Row) -> Row:
    """The row with each plain prompt and answer as a list of one turn."""
    return {
        name: [{"role": _ROLE[name], "content": value}] if name in _ROLE and isinstance(value, str) else value
        for name, value in row.items()
    }


def to_messages(row: Row) -> Row:
    """A row of prompt and completion as one conversation; rows that are one already stay as they are."""
    if "messages" in row:
        return row
    chat = to_chat(row)
    rest = {name: value for name, value in chat.items() if name not in ("prompt", "completion")}
    return {"messages": [*chat["prompt"], *chat["completion"]], **rest}
