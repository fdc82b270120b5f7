"""The parameters of a node type in lines to read: by group, what each may be below it."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Iterator
from typing import Any

from executor.cli.output import aligned

_LONGEST_DEFAULT = 24
_INDENT = " " * 6
_BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}


def parameter_lines(schema: dict[str, Any]) -> list[str]:
    """Name, kind, default and title of each parameter of a JSON Schema; its choices and its help below."""
    fields = schema.get("properties", {})
    required = schema.get("required", [])
    cells = [
        (f"  {name}", _kind(field), "required" if name in required else _default(field), _title(field))
        for name, field in fields.items()
    ]
    groups: dict[str, list[str]] = {}
    for field, line in zip(fields.values(), aligned(cells), strict=True):
        groups.setdefault(field.get("group", "Basic"), []).extend([line, *_details(field)])
    return [line for group, lines in groups.items() for line in (group, *lines, "")][:-1]


def _details(field: dict[str, Any]) -> Iterator[str]:
    width = max(40, min(shutil.get_terminal_size((110, 24)).columns, 110))
    for text in (", ".join(_choices(field)), field.get("description", "")):
        yield from textwrap.wrap(text, width, initial_indent=_INDENT, subsequent_indent=_INDENT)


def _title(field: dict[str, Any]) -> str:
    notes = [str(field["unit"])] if "unit" in field else []
    for option in field.get("anyOf", [field]):
        notes += [f"{sign} {option[bound]}" for bound, sign in _BOUNDS.items() if bound in option]
    title = str(field.get("title", ""))
    return f"{title} ({', '.join(notes)})" if notes else title


def _kind(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(_kind(option) for option in field["anyOf"]))
    if "enum" in field or "const" in field:
        return "choice"
    if field.get("type") == "array" and "items" in field:
        return f"list of {_kind(field['items'])}"
    return "object" if "$ref" in field else str(field.get("type", "any"))


def _choices(field: dict[str, Any]) -> list[str]:
    options = [*field.get("anyOf", []), *([field["items"]] if "items" in field else [])]
    values = [*field.get("enum", []), *([field["const"]] if "const" in field else [])]
    return [str(value) for value in values] + [choice for option in options for choice in _choices(option)]


def _default(field: dict[str, Any]) -> str:
    text = json.dumps(field.get("default"), ensure_ascii=False)
    return text if len(text) <= _LONGEST_DEFAULT else text[: _LONGEST_DEFAULT - 1] + "…"
