"""What pydantic found wrong, in plain words: a sentence and a hint for each of its error types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nodegraph.suggest import did_you_mean

_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping of keys to values",
    "mapping_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
    "none_required": "null",
    "finite_number": "a finite number",
}
_RANGE = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "greater than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}
WRONG_TYPE = frozenset(_WANTED)
_CHOICE = re.compile(r"'((?:[^'\\]|\\.)*)'|(\b[\w.+-]+\b)(?=,| or |$)")
_LONGEST = 60


def sentence(
    subject: str, error: Mapping[str, Any], *, allowed: str = "", secret: bool = False
) -> tuple[str, str]:
    """A message whose subject is `subject`, and a hint; `allowed` is the range in words, if there is one."""
    kind, context = error["type"], error.get("ctx", {})
    got = "another value" if secret else shown(error.get("input"))
    hint = f"Allowed: {allowed}." if allowed else ""
    if kind in _WANTED:
        return f"{subject} must be {_WANTED[kind]}, not {got}.", _type_hint(kind, error.get("input")) or hint
    if kind in _RANGE:
        key, words = _RANGE[kind]
        return f"{subject} must be {words} {_number(context[key])}, not {got}.", hint
    if kind == "literal_error":
        choices = _choices(context["expected"])
        message = f"{subject} must be one of {', '.join(choices)}, not {got}."
        return message, did_you_mean(str(error.get("input")), choices) if len(choices) > 1 else ""
    if kind == "missing":
        return f"{subject} is missing.", hint
    if kind == "multiple_of":
        return f"{subject} must be a multiple of {_number(context['multiple_of'])}, not {got}.", hint
    if kind in ("string_too_short", "too_short"):
        if context["min_length"] == 1:
            return f"{subject} must not be empty.", hint
        return f"{subject} is too short: at least {context['min_length']} {_unit(kind)} are needed.", hint
    if kind in ("string_too_long", "too_long"):
        return f"{subject} is too long: at most {context['max_length']} {_unit(kind)} are allowed.", hint
    if kind == "string_pattern_mismatch":
        return f"{subject} cannot be {got}.", f"It must match {context['pattern']}."
    if kind == "value_error":
        return f"{subject}: {_capital(str(context['error']))}", hint
    return f"{subject}: {error['msg']}.", hint


def shown(value: Any) -> str:
    """A value as a person wrote it, cut to a readable length."""
    if isinstance(value, str):
        text = f'the text "{value}"'
    elif value is None:
        text = "empty"
    elif isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, dict):
        text = "a mapping"
    elif isinstance(value, list):
        text = "a list"
    else:
        text = str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def range_of(schema: Mapping[str, Any]) -> str:
    """The range a number's JSON Schema allows, in words; empty where it has none."""
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f"{_number(low)} to {_number(high)}"
    parts = [(low, "at least"), (above, "greater than"), (high, "at most"), (below, "less than")]
    return " and ".join(f"{words} {_number(value)}" for value, words in parts if value is not None)


def _choices(expected: str) -> list[str]:
    return [quoted or plain for quoted, plain in _CHOICE.findall(expected)]


def _type_hint(kind: str, value: Any) -> str:
    if isinstance(value, str):
        if kind in ("int_type", "float_type") and re.fullmatch(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?", value):
            return "Write it without quotes."
        if kind == "bool_type":
            return "Write true or false, without quotes."
    if kind == "string_type" and isinstance(value, (int, float, bool)):
        return "Put it in quotes."
    return ""


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _unit(kind: str) -> str:
    return "characters" if kind.startswith("string") else "entries"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
