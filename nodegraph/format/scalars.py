"""Plain scalars by YAML 1.2's core schema: true and false, null, numbers; all else is text.

`no`, `on`, `12:30:45` and `2026-11-01`, which YAML 1.1 turns into other things, stay text.
"""

from __future__ import annotations

import math
import re

WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
# Half of a surrogate pair, or NUL: what no file and no database can hold.
UNFIT = re.compile("[\ud800-\udfff\x00]")
_FIRST = frozenset("-+.0123456789")
_INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_SPECIAL = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
_MOST_DIGITS = 400


class BadNumber(ValueError):
    """A number that JSON, SQLite and the rest of the world cannot hold."""


def resolve(text: str) -> str | int | float | bool | None:
    """The value of a plain scalar; BadNumber for NaN, infinities and integers beyond 64 bits."""
    if text in WORDS:
        return WORDS[text]
    if text[0] not in _FIRST:
        return text
    if _INTEGER.fullmatch(text):
        return _integer(text, 10)
    if _BASED.fullmatch(text):
        return _integer(text[2:], 8 if text[1] == "o" else 16)
    if _FLOAT.fullmatch(text):
        number = float(text) if len(text) <= _MOST_DIGITS else math.inf
        if math.isinf(number):
            raise BadNumber(f"{_cut(text)} is too large for a number.")
        return number
    if _SPECIAL.fullmatch(text):
        raise BadNumber(f"{text} is no number that can be used here.")
    return text


def _integer(digits: str, base: int) -> int:
    value = int(digits, base) if len(digits) <= _MOST_DIGITS else _LARGEST + 1
    if not _SMALLEST <= value <= _LARGEST:
        raise BadNumber(f"{_cut(digits)} does not fit in 64 bits.")
    return value


def _cut(text: str) -> str:
    return text if len(text) <= 30 else text[:29] + "…"
