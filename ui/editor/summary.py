"""What a node does, in two short lines: the parameters that were chosen, else the first ones there are."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from nodegraph.contract import NodeParams
from nodegraph.typed import TypedNode
from ui.kit.written import number_text

_WIDTH = 29
_VALUE = 22
_QUIET_WIDGETS = ("secret", "textarea", "code", "json", "keyvalue")
_NAMES_ALONE = ("dataset", "model", "path")


def summary(typed: TypedNode | None) -> list[str]:
    """Up to two lines, each about as wide as a card; none where the parameters are not known."""
    if typed is None:
        return []
    lines: list[str] = []
    for words in _telling(typed):
        if lines and _width(f"{lines[-1]} · {words}") <= _WIDTH:
            lines[-1] += f" · {words}"
        elif len(lines) < 2:
            lines.append(words)
    return lines


def _telling(typed: TypedNode) -> Iterator[str]:
    """The parameters that tell most, each as words: those that differ from their defaults, or else two."""
    model, given = typed.registered.node.params, typed.node.params
    values = {name: info.get_default() for name, info in model.model_fields.items()} | given
    shown = [name for name in model.model_fields if _is_shown(model, name, values)]
    chosen = [name for name in shown if name in given and given[name] != model.model_fields[name].default]
    basic = [
        name for name in shown if _hint(model, name, "group") in (None, "Basic") and _is_plain(values[name])
    ]
    for name in chosen or basic[:2]:
        words = _words(model, name, values[name])
        if words:
            yield words


def _is_shown(model: type[NodeParams], name: str, values: dict[str, Any]) -> bool:
    """Whether the form shows the field, and its value is short."""
    if _hint(model, name, "widget") in _QUIET_WIDGETS:
        return False
    wanted = _hint(model, name, "shown") or {}
    return all(values.get(other) in allowed for other, allowed in wanted.items())


def _words(model: type[NodeParams], name: str, value: Any) -> str:
    if isinstance(value, bool):
        return name if value else f"no {name}"
    text = _text(value)
    if not text:
        return ""
    if _hint(model, name, "widget") in _NAMES_ALONE:
        return _cut(PurePosixPath(text.rpartition(":")[2]).name or text, _WIDTH)
    return f"{name} {_cut(text, _VALUE)}"


def _text(value: Any) -> str:
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, (int, str)):
        return " ".join(str(value).split())
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value)
    return ""


def _is_plain(value: Any) -> bool:
    return value is not None and value != "" and not isinstance(value, (bool, dict, list))


def _hint(model: type[NodeParams], name: str, key: str) -> Any:
    extra = model.model_fields[name].json_schema_extra
    return extra.get(key) if isinstance(extra, dict) else None


def _cut(text: str, width: int) -> str:
    if _width(text) <= width:
        return text
    while text and _width(text) > width - 1:
        text = text[:-1]
    return f"{text}…"


def _width(text: str) -> int:
    """Chinese characters are twice as wide."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
