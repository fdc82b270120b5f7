"""Single values of a row as text or as JSON can carry them."""

from __future__ import annotations

import math
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from nodes.preprocess._load.record import BadRow
from nodes.preprocess._load.turns import kind_of


def first_of(value: Any) -> Any:
    """One answer of several: a list of them, or SQuAD's {"text": […]}."""
    if isinstance(value, dict) and isinstance(value.get("text"), list):
        value = value["text"]
    if isinstance(value, list):
        return value[0] if value else None
    return value


def text_of(value: Any, name: str) -> str:
    """A value as text; BadRow where it is missing or no text."""
    if isinstance(value, str):
        return value
    if value is None or is_nan(value):
        raise BadRow(f"{name} is missing")
    if isinstance(value, (bool, int, float, Decimal, date, time)):
        return str(value)
    raise BadRow(f"{name} is {kind_of(value)}, not text")


def plain(value: Any) -> Any:
    """A value as JSON can carry it."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return None if isinstance(value, bytes) else str(value)


def is_nan(value: Any) -> bool:
    """Whether a value is the number that is none, which tables use for a missing cell."""
    return isinstance(value, float) and math.isnan(value)
