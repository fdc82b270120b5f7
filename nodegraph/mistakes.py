"""What pydantic found wrong, in plain words: one sentence and a hint for each place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from nodegraph.suggest import did_you_mean

Place = tuple[str | int, ...]

WRONG_TYPE: dict[str, str] = {
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
_LIMITS = {
    "greater_than_equal": "at least {ge}",
    "greater_than": "greater than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
    "multiple_of": "a multiple of {multiple_of}",
    "string_too_short": "at least {min_length} characters long",
    "string_too_long": "at most {max_length} characters long",
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
}
_CHOICE = re.compile(r"'((?:[^'\\]|\\.)*)'|([\w.+-]+)(?=,| or |$)")
_NUMERAL = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?")
_LONGEST = 60


def by_place(errors: Iterable[Mapping[str, Any]], value: Any) -> dict[Place, list[Mapping[str, Any]]]:
    """The errors by where they are in `value`: pydantic's places also name the tried types of a union."""
    found: dict[Place, list[Mapping[str, Any]]] = {}
    for error in errors:
        found.setdefault(_place(error["loc"], value, error["type"] == "missing"), []).append(error)
    return found


def sentence(
    subject: str, errors: list[Mapping[str, Any]], *, allowed: str = "", secret: bool = False
) -> tuple[str, str]:
    """What is wrong at one place, and a hint; `allowed` is the range in words, if there is one."""
    first = errors[0]
    kind, value = first["type"], first.get("input")
    hint = f"Allowed: {allowed}." if allowed else ""
    if kind == "missing":
        return f"{subject} is missing.", hint
    if kind in ("string_too_short", "too_short") and first["ctx"]["min_length"] == 1:
        return f"{subject} must not be empty.", hint
    if kind == "value_error":
        return f"{subject}: {_sentence_case(str(first['ctx']['error']))}", hint
    demands = list(dict.fromkeys(filter(None, map(_demand, errors))))
    if not demands:
        return f"{subject}: {_sentence_case(first['msg'])}", hint
    got = "what was given" if secret else shown(value)
    return f"{subject} must be {' or '.join(demands)}, not {got}.", _type_hint(errors) or hint


def shown(value: Any) -> str:
    """A value as a person wrote it, cut to a readable length."""
    if isinstance(value, str):
        text = f'the text "{value}"'
    elif value is None:
        text = "empty"
    elif isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, (dict, list)):
        text = "a mapping" if isinstance(value, dict) else "a list"
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
    return " and ".join(f"{words} {_number(limit)}" for limit, words in parts if limit is not None)


def _place(found: Place, value: Any, missing: bool) -> Place:
    place: list[str | int] = []
    for index, part in enumerate(found):
        is_last = index == len(found) - 1
        if _holds(value, part):
            value = value[part]
        elif not (is_last and (missing or part == "[key]")):
            continue
        place.append(part)
    return tuple(place)


def _holds(value: Any, part: str | int) -> bool:
    if isinstance(value, list):
        return isinstance(part, int) and part < len(value)
    return isinstance(value, dict) and part in value


def _demand(error: Mapping[str, Any]) -> str:
    """What the value must be: the rest of a sentence, empty where only pydantic's own words say it."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "literal_error":
        choices = _choices(context["expected"])
        return f"one of {', '.join(choices)}" if len(choices) > 1 else choices[0]
    if kind in _LIMITS:
        return _LIMITS[kind].format(**{name: _number(limit) for name, limit in context.items()})
    return WRONG_TYPE.get(kind, "")


def _choices(expected: str) -> list[str]:
    return [quoted or plain for quoted, plain in _CHOICE.findall(expected)] or [expected]


def _type_hint(errors: list[Mapping[str, Any]]) -> str:
    value, kinds = errors[0].get("input"), {error["type"] for error in errors}
    choices = [
        choice for e in errors if e["type"] == "literal_error" for choice in _choices(e["ctx"]["expected"])
    ]
    if len(choices) > 1:
        return did_you_mean(str(value), choices)
    if isinstance(value, str) and kinds & {"int_type", "float_type"} and _NUMERAL.fullmatch(value):
        return "Write it without quotes."
    if isinstance(value, str) and "bool_type" in kinds:
        return "Write true or false, without quotes."
    if "string_type" in kinds and isinstance(value, (int, float)):
        return "Put it in quotes."
    return ""


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
