"""Plain values to YAML: blocks for the skeleton, one flow line for what is small, text unescaped.

Reads the same by YAML 1.1 and 1.2: whatever either could take for something else is quoted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

import yaml

from nodegraph.format.reader import Path

WIDTH = 110
_LONG_KEY = 100
_SKELETON = {("nodes",), ("parameters",), ("layout",), ("schedules",), ("notify",)}
_PLAIN_KEYS = {"on"}
_CALM = re.compile(
    r"[^\W\d_][^\x00-\x1f\x7f{}\[\]*&!|><#\"`,:?\\]*|[\w./~+(][\w./@%=+;()-]*|--?[A-Za-z][\w.=-]*|\w"
)
_COLON_INSIDE = re.compile(r"(?<=[^\W_]):(?=[\w/])")
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_NUMBER_LIKE = re.compile(r"[-+.]?\d[\d_.,:eExXoO+-]*|[-+]?\.(inf|nan)|0x\w*", re.IGNORECASE)
_IMPLICIT: Any = yaml.SafeLoader.yaml_implicit_resolvers


def emit(root: dict[str, Any], blocks: Collection[Path] = ()) -> str:
    """The text of a mapping; what is at a path in `blocks` is never put on one line."""
    return "\n".join(_Emitter(blocks).mapping(root, ())) + "\n"


class _Emitter:
    def __init__(self, blocks: Collection[Path]) -> None:
        self._blocks = {*_SKELETON, *blocks}

    def mapping(self, mapping: dict[str, Any], path: Path) -> list[str]:
        """The lines of a mapping, not indented."""
        lines = []
        for key, value in mapping.items():
            text = _key(key)
            if len(text) > _LONG_KEY:
                lines.append(f"? {text}")
                text = ""
            lines += self._entry(f"{text}:", value, (*path, key))
        return lines

    def _list(self, items: list[Any], path: Path) -> list[str]:
        lines: list[str] = []
        for index, item in enumerate(items):
            place = (*path, index)
            if isinstance(item, dict) and item and self._flow(item, place, WIDTH - 4) is None:
                first, *rest = self.mapping(item, place)
                lines += [f"- {first}", *_indented(rest)]
            else:
                lines += self._entry("-", item, place)
        return lines

    def _entry(self, start: str, value: Any, path: Path) -> list[str]:
        if isinstance(value, str) and _is_literal(value):
            return _literal(start, value)
        if not isinstance(value, (dict, list)) or not value:
            text = _inline(value) if isinstance(value, (dict, list)) else scalar(value, in_block=True)
            return [f"{start} {text}"]
        line = self._flow(value, path, WIDTH - 2 * len(path) + 2 - len(start) - 1)
        if line is not None:
            return [f"{start} {line}"]
        inner = self.mapping(value, path) if isinstance(value, dict) else self._list(value, path)
        return [start, *_indented(inner)]

    def _flow(self, value: dict[str, Any] | list[Any], path: Path, room: int) -> str | None:
        """A small container on one line; None where it is not small, or a block by rule."""
        if path in self._blocks or (len(path) == 2 and path[0] == "nodes") or not _is_leaf(value):
            return None
        text = _inline(value)
        return text if len(text) <= room else None


def _is_leaf(value: dict[str, Any] | list[Any], depth: int = 2) -> bool:
    """Whether a container holds scalars of one line, and lists of such, only."""
    items = value
    if isinstance(value, dict):
        if depth < 2 or any(len(_key(key)) > _LONG_KEY for key in value):
            return False
        items = list(value.values())
    for item in items:
        if isinstance(item, str) and _is_literal(item):
            return False
        if isinstance(item, (dict, list)) and item and (depth < 2 or not _is_leaf(item, depth - 1)):
            return False
    return True


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)}: {_inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return scalar(value)


def scalar(value: Any, *, in_block: bool = False) -> str:
    """A scalar on one line; in a block a comma needs no quotes."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        text = repr(value)
        return text.replace("e", ".0e") if "e" in text and "." not in text else text
    if isinstance(value, int):
        return str(value)
    return value if is_calm(value, in_block) else _quoted(value)


def is_calm(text: str, in_block: bool = False) -> bool:
    """Whether a text can stand without quotes, for readers of either version of YAML."""
    if not text or text[-1] == " " or not text.isprintable():
        return False
    bare = _COLON_INSIDE.sub("", text)
    if not _CALM.fullmatch(bare.replace(",", "") if in_block and text[0] != "," else bare):
        return False
    if _NUMBER_LIKE.fullmatch(text) or text[0] == "~":
        return False
    return not any(pattern.match(text) for _, pattern in _IMPLICIT.get(text[0], []))


def _key(key: str) -> str:
    return key if key in _PLAIN_KEYS else scalar(key)


def _quoted(text: str) -> str:
    """Double quotes; JSON's escapes are YAML's, and what YAML cannot hold as it is, is escaped too."""
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _is_literal(text: str) -> bool:
    """Whether a text has several lines that read well as a `|` block, and come back as they were."""
    if "\n" not in text or text[0] in " \n":
        return False
    return not any(line != line.rstrip(" ") or not line.isprintable() for line in text.split("\n"))


def _literal(start: str, text: str) -> list[str]:
    body = text.rstrip("\n")
    newlines = len(text) - len(body)
    mark = {0: "|-", 1: "|"}.get(newlines, "|+")
    return [f"{start} {mark}", *_indented(body.split("\n")), *[""] * (newlines - 1)]


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" if line else "" for line in lines]
