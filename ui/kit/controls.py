"""What a field is: how it is drawn, and how a value becomes what the page holds and comes back.

The page holds text, booleans and lists of these; what they mean is decided here, so that nothing that was
typed gets lost: what is no number stays the text it is, and whoever checks the value says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ui.kit.written import is_number, number_of, number_text, plain, scalar_of

_SIMPLE = (str, int, float)
_SEARCHED = 8
_SEGMENTS = 5
_SEGMENT_CHARACTERS = 30

Slider = Mapping[str, Any]


@dataclass(frozen=True)
class Control:
    """A kind of control with its options for the page; `write` and `read` translate values.

    `line` says that an emptied control holds no value, and that the default is its placeholder.
    """

    kind: str
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]
    fits: Callable[[Any], bool]
    options: Mapping[str, Any] = field(default_factory=dict)
    line: bool = False


def text(
    *,
    kind: str = "text",
    glyph: str = "",
    choose: str = "",
    unit: str = "",
    mono: bool = False,
    suggestions: Sequence[str] = (),
) -> Control:
    """A line of text; `choose` names a button at its end that opens a picker, `suggestions` help to type."""
    options = {"glyph": glyph, "choose": choose, "unit": unit, "mono": mono, "suggestions": list(suggestions)}
    return Control(kind, str, str, lambda value: isinstance(value, str), options, line=True)


def password() -> Control:
    """A line of text that is hidden unless its eye is clicked."""
    return Control("text", str, str, lambda value: isinstance(value, str), {"password": True}, line=True)


def area(*, code: bool = False, rows: int = 3) -> Control:
    """Several lines of text; `code` in fixed width."""
    return Control("area", str, str, lambda value: isinstance(value, str), {"mono": code, "rows": rows})


def number(*, slider: Slider | None = None, unit: str = "") -> Control:
    """A number, with a slider where its range makes sense of one."""
    options = {"slider": slider, "unit": unit, "numeric": True}
    return Control("text", number_text, number_of, is_number, options, line=True)


def toggle() -> Control:
    """On or off."""
    return Control("toggle", bool, bool, lambda value: isinstance(value, bool))


def checkbox() -> Control:
    """On or off, before its label."""
    return Control("checkbox", bool, bool, lambda value: isinstance(value, bool))


def choice(options: Mapping[Any, str] | Sequence[Any], *, action: str = "") -> Control:
    """One of several: side by side where they are few and short, else a list, searchable where it is long.

    `action` names what else the list offers, such as “Add secret”.
    """
    labels = options if isinstance(options, Mapping) else {value: plain(value) for value in options}
    values = {plain(value): value for value in labels}
    shown = [{"value": plain(value), "label": label} for value, label in labels.items()]
    return Control(
        _choice_kind(list(labels.values()), action),
        plain,
        lambda wire: values.get(wire, wire),
        lambda value: any(
            value is known or (value == known and type(value) is type(known)) for known in labels
        ),
        {"options": shown, "action": action},
    )


def several(options: Sequence[str]) -> Control:
    """Any of a few names."""
    shown = [{"value": name, "label": name} for name in options]
    known = set(options)
    return Control(
        "several", list, list, lambda value: _is_list(value) and known.issuperset(map(plain, value)),
        {"options": shown},
    )  # fmt: skip


def chips(*, numbers: bool = False) -> Control:
    """A list of texts, or of numbers."""

    def write(values: Any) -> list[str]:
        return [number_text(value) if numbers else str(value) for value in values]

    def read(wire: Any) -> list[Any]:
        return [number_of(item) if numbers else item for item in wire]

    simple = (str, int, float) if numbers else (str,)
    return Control(
        "chips", write, read,
        lambda value: _is_list(value) and all(isinstance(item, simple) for item in value),
    )  # fmt: skip


def pairs(*, simple: bool = False, options: Sequence[str] = ()) -> Control:
    """Names with a value each; `simple` reads numbers, true and false as such; `options` for the values."""

    def write(values: Any) -> list[list[str]]:
        return [[str(name), plain(value)] for name, value in values.items()]

    def read(wire: Any) -> dict[str, Any]:
        return {name: scalar_of(value) if simple else value for name, value in wire if name}

    return Control(
        "pairs", write, read,
        lambda value: isinstance(value, dict) and all(isinstance(v, _SIMPLE) for v in value.values()),
        {"options": list(options)},
    )  # fmt: skip


def records(columns: Mapping[str, tuple[str, Control]], required: Sequence[str] = ()) -> Control:
    """A list of small forms, alike: title and control by name."""

    def write(values: Any) -> list[dict[str, Any]]:
        return [
            {
                name: control.write(item[name]) if name in item else ""
                for name, (_, control) in columns.items()
            }
            for item in values
        ]

    def read(wire: Any) -> list[dict[str, Any]]:
        return [
            {
                name: control.read(item[name])
                for name, (_, control) in columns.items()
                if item.get(name, "") != "" or name in required
            }
            for item in wire
        ]

    known = set(columns)
    shown = [{"name": name, "title": title} for name, (title, _) in columns.items()]
    return Control(
        "records", write, read,
        lambda value: _is_list(value) and all(isinstance(v, dict) and v.keys() <= known for v in value),
        {"columns": shown},
    )  # fmt: skip


def raw() -> Control:
    """Any value as JSON; text that is none stands for itself."""
    return Control("area", _as_json, _from_json, lambda value: True, {"mono": True, "rows": 3})


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _choice_kind(labels: list[str], action: str) -> str:
    if (
        len(labels) <= _SEGMENTS
        and sum(len(label) + 3 for label in labels) <= _SEGMENT_CHARACTERS + 10
        and not action
    ):
        return "segments"
    return "select" if len(labels) <= _SEARCHED and not action else "search"


def _as_json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _from_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
