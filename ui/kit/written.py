"""Numbers and other plain values as people write them, and what the text they write means."""

from __future__ import annotations

import re
from typing import Any

_INTEGER = re.compile(r"[-+]?\d{1,20}")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_EXPONENT = re.compile(r"e([-+])0*(\d)")


def number_text(value: Any) -> str:
    """A number as people write it: 2e-4, 0.05, 16."""
    if not is_number(value):
        return plain(value)
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        if 0 < abs(value) < 1e-3:
            return _EXPONENT.sub(r"e\1\2", _scientific(value)).replace("e+", "e")
        return _EXPONENT.sub(r"e\1\2", repr(value)).replace("e+", "e")
    return str(value)


def number_of(text: str) -> Any:
    """The number a text means; the text where it means none."""
    stripped = text.strip()
    if _INTEGER.fullmatch(stripped):
        return int(stripped)
    if _NUMBER.fullmatch(stripped) and abs(float(stripped)) != float("inf"):
        return float(stripped)
    return text


def scalar_of(text: str) -> Any:
    """The number or boolean a text means; the text where it means none."""
    return {"true": True, "false": False}.get(text.strip(), number_of(text))


def plain(value: Any) -> str:
    """A value as YAML would show it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _scientific(value: float) -> str:
    return next(text for digits in range(17) if float(text := f"{value:.{digits}e}") == value)


def is_number(value: Any) -> bool:
    """Whether a value is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)
