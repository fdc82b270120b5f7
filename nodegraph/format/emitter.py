"""Plain values to YAML: blocks for the skeleton, one flow line for what is small, text unescaped.

Reads the same by YAML 1.1 and 1.2: whatever either could take for something else is quoted.
"""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

WIDTH = 110
_LONG_KEY = 100
_INDENT = "  "
_BLOCKS = {("nodes",), ("parameters",), ("layout",), ("schedules",), ("notify",)}
# Calm text needs no quotes in any place; everything else gets double quotes.
_CALM = re.compile(r"[^\W\d_][^\x00-\x1f\x7f{}\[\]*&!|><#\"'`,:?\\]*|[\w./~+(]?[\w./@%=+;()-]*", re.UNICODE)
_COLON_INSIDE = re.compile(r"(?<=[\w/]):(?=[\w/])")
_ESCAPED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_RESOLVER = yaml.resolver.Resolver()
_NUMBER_LIKE = re.compile(r"[-+.]?\d[\d_.,:eExXoO+-]*|[-+]?\.(inf|nan)", re.IGNORECASE)


def emit(root: dict[str, Any]) -> str:
    """The text of a mapping."""
    lines: list[str] = []
    _block_mapping(root, "", (), lines)
    return "\n".join(lines) + "\n"


def _block_mapping(mapping: dict[str, Any], indent: str, path: tuple[str, ...], lines: list[str]) -> None:
    for key, value in mapping.items():
        text = scalar(key)
        if len(text) > _LONG_KEY:
            lines.append(f"{indent}? {text}")
            text = ""
        _entry(f"{indent}{text}:", value, indent, (*path, key), lines)


def _block_list(items: list[Any], indent: str, lines: list[str]) -> None:
    for item in items:
        _entry(f"{indent}-", item, indent, ("-",), lines)


def _entry(start: str, value: Any, indent: str, path: tuple[str, ...], lines: list[str]) -> None:
    if isinstance(value, (dict, list)) and value:
        line = None if _is_block(path) else _flow(value, WIDTH - len(start) - 1)
        if line is not None:
            lines.append(f"{start} {line}")
            return
        lines.append(start)
        if isinstance(value, dict):
            _block_mapping(value, indent + _INDENT, path, lines)
        else:
            _block_list(value, indent + _INDENT, lines)
    elif isinstance(value, str) and _literal_fits(value):
        _literal(start, value, indent + _INDENT, lines)
    else:
        lines.append(f"{start} {_inline(value)}")


def _is_block(path: tuple[str, ...]) -> bool:
    return path in _BLOCKS or (len(path) == 2 and path[0] == "nodes")


def _flow(value: Any, room: int) -> str | None:
    """A container of scalars, or of lists of scalars, on one line; None where it is more than that."""
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, str) and "\n" in item:
            return None
        if isinstance(item, dict) and item:
            return None
        if isinstance(item, list) and any(
            (isinstance(inner, (dict, list)) and inner) or (isinstance(inner, str) and "\n" in inner)
            for inner in item
        ):
            return None
    if isinstance(value, dict) and any(len(scalar(key)) > _LONG_KEY for key in value):
        return None
    text = _inline(value)
    return text if len(text) <= room else None


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {_inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return scalar(value)


def scalar(value: Any) -> str:
    """A scalar on one line, the same in block and flow."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, int):
        return str(value)
    return value if is_calm(value) else _quoted(value)


def is_calm(text: str) -> bool:
    """Whether a text can stand without quotes."""
    if not text or text[0] == " " or text[-1] == " " or _ESCAPED.search(text):
        return False
    if not _CALM.fullmatch(_COLON_INSIDE.sub("", text)) or _NUMBER_LIKE.fullmatch(text):
        return False
    if text[0] in "-?" or not text.isprintable():
        return False
    return bool(_RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str")


def _float(value: float) -> str:
    text = repr(value)
    if "e" in text and "." not in text:
        text = text.replace("e", ".0e")
    return text


def _quoted(text: str) -> str:
    """Double quotes; JSON's escapes are YAML's, and what YAML cannot hold as it is, is escaped too."""
    quoted = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)


def _literal_fits(text: str) -> bool:
    """Whether a text of several lines reads well as a `|` block, and comes back as it was."""
    if "\n" not in text or text[0] in " \n\t" or "\t" in text or _ESCAPED.search(text.replace("\n", "")):
        return False
    return not any(line.endswith(" ") or not line.isprintable() for line in text.split("\n"))


def _literal(start: str, text: str, indent: str, lines: list[str]) -> None:
    body = text.rstrip("\n")
    newlines = len(text) - len(body)
    chomp = "-" if newlines == 0 else "" if newlines == 1 else "+"
    lines.append(f"{start} |{chomp}")
    lines.extend(f"{indent}{line}" if line else "" for line in body.split("\n"))
    lines.extend("" for _ in range(newlines - 1))
