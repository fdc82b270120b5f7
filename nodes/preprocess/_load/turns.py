"""Conversations in every spelling that people use, as turns with role and content."""

from __future__ import annotations

import ast
import json
from typing import Any

from nodes.preprocess._load.record import BadRow

Turn = dict[str, Any]
ROLES = {
    "user": "user", "human": "user", "prompter": "user", "用户": "user",
    "assistant": "assistant", "gpt": "assistant", "chatgpt": "assistant", "bot": "assistant",
    "bing": "assistant",
    "chatbot": "assistant", "model": "assistant", "ai": "assistant", "bard": "assistant", "助手": "assistant",
    "system": "system", "developer": "system", "系统": "system",
    "tool": "tool", "function": "tool", "observation": "tool", "function_response": "tool", "ipython": "tool",
    "tool_response": "tool", "function_call": "call", "tool_call": "call",
}  # fmt: skip
_KEPT = ("tool_calls", "tool_call_id", "name", "reasoning_content")


def turns_of(value: Any, name: str) -> list[Turn]:
    """The turns of a conversation; `name` is the column, for what is said of a bad one."""
    if isinstance(value, dict) and _keys(value):
        value = [value]
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = _unpacked_or_bad(value, name)
    if not isinstance(value, list):
        raise BadRow(f"{name} is no list of turns", f"it is {kind_of(value)}")
    if not value:
        raise BadRow(f"{name} is empty")
    turns = [_turn(turn, f"{name}[{number}]", name) for number, turn in enumerate(value)]
    if not any(turn["content"].strip() or turn.get("tool_calls") for turn in turns):
        raise BadRow(f"{name} has no text")
    return turns


def is_turn(value: Any) -> bool:
    """Whether a value is a turn of a role that is known."""
    keys = _keys(value) if isinstance(value, dict) else None
    return keys is not None and str(value[keys[0]]).strip().lower() in ROLES


def unpacked(text: str) -> Any:
    """What a text holds in JSON, or as Python prints it, which is what pandas writes to a CSV; ValueError."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        try:
            return ast.literal_eval(text.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
            raise ValueError("neither JSON nor Python") from error


def kind_of(value: Any) -> str:
    """A value's type in words."""
    if value is None:
        return "missing"
    names = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), "an object")


def tools_of(value: Any) -> list[Any] | None:
    """The tools a conversation may call, kept as a list or as JSON text; None where there are none."""
    if isinstance(value, str) and value.strip():
        value = _unpacked_or_bad(value, "tools")
    return value if isinstance(value, list) and value else None


def _turn(turn: Any, place: str, name: str) -> Turn:
    keys = _keys(turn) if isinstance(turn, dict) else None
    if keys is None:
        raise BadRow(f"a turn of {name} has no role and content", place)
    role = ROLES.get(str(turn[keys[0]]).strip().lower())
    if role is None:
        raise BadRow(f"a turn of {name} has an unknown role", f"{place} says {str(turn[keys[0]])[:40]!r}")
    content = _content(turn.get(keys[1]), place, name, has_calls=bool(turn.get("tool_calls")))
    if role == "call":
        return {"role": "assistant", **_call(content)}
    kept = {key: turn[key] for key in _KEPT if turn.get(key)}
    return {"role": role, "content": content, **kept}


def _keys(turn: dict[str, Any]) -> tuple[str, str] | None:
    for role, content in (("role", "content"), ("from", "value"), ("role", "value"), ("from", "content"),
                          ("role", "text"), ("speaker", "text")):  # fmt: skip
        if role in turn and (content in turn or turn.get("tool_calls")):
            return role, content
    return None


def _content(content: Any, place: str, name: str, *, has_calls: bool) -> str:
    if isinstance(content, str):
        return content
    if content is None and has_calls:
        return ""
    if isinstance(content, list) and all(
        isinstance(part, dict) and isinstance(part.get("text"), str) for part in content
    ):
        return "".join(part["text"] for part in content)
    raise BadRow(f"the content of a turn of {name} is no text", f"{place} is {kind_of(content)}")


def _call(content: str) -> dict[str, Any]:
    """A call in ShareGPT's spelling, {"name": …, "arguments": {…}}, as chat templates expect it."""
    try:
        call = json.loads(content)
    except ValueError:
        call = None
    calls = call if isinstance(call, list) else [call]
    if not calls or not all(isinstance(item, dict) and "name" in item for item in calls):
        return {"content": content}
    functions = [{"name": item["name"], "arguments": item.get("arguments", {})} for item in calls]
    return {"content": "", "tool_calls": [{"type": "function", "function": found} for found in functions]}


def _unpacked_or_bad(text: str, name: str) -> Any:
    try:
        return unpacked(text)
    except ValueError as error:
        raise BadRow(f"{name} is text that is no JSON") from error
