"""Which numbers get a slider, and what it runs over: even steps, or 1-2-5 stops across magnitudes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ui.kit.written import number_text

_LARGEST = 10_000_000
_EVEN_STEPS = 1000
_WINDOW = 100  # a slider reaches from a hundredth of the default to a hundred times it
_STEPS = (1, 0.1, 0.05, 0.01)


def slider_for(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """The slider of a number with this schema; None where the range is open, huge, or says nothing."""
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    default = schema.get("default")
    if low is None or high is None or not low < high <= _LARGEST:
        return None
    if isinstance(default, bool) or not isinstance(default, (int, float)):
        default = None
    whole = schema.get("type") == "integer"
    if _spans_magnitudes(low, high, default, whole):
        return _stops(low, high, default, whole) if default else None
    step = 1 if whole else _step(low, high, default)
    if step is None or (high - low) / step > _EVEN_STEPS:
        return None
    first = low + step if "exclusiveMinimum" in schema else low
    last = high - step if "exclusiveMaximum" in schema else high
    return {"min": first, "max": last, "step": step, "digits": max(0, -math.floor(math.log10(step)))}


def _spans_magnitudes(low: float, high: float, default: float | None, whole: bool) -> bool:
    if low < 0:
        return False
    if default is not None and 0 < default <= high / 20 and (whole or default < 0.05 or high > 1):
        return True
    return high > 1000


def _stops(low: float, high: float, default: float, whole: bool) -> dict[str, Any] | None:
    start = max(low, default / _WINDOW, 1 if whole else 0)
    end = min(high, default * _WINDOW)
    if whole:
        stops = [2**power for power in range(40) if start <= 2**power <= end]
    else:
        stops = [
            float(f"{digit}e{power}")
            for power in range(math.floor(math.log10(start)), math.ceil(math.log10(end)) + 1)
            for digit in (1, 2, 5)
            if start * 0.999 <= float(f"{digit}e{power}") <= end * 1.001
        ]
    return {"stops": [number_text(stop) for stop in stops]} if len(stops) > 2 else None


def _step(low: float, high: float, default: float | None) -> float | None:
    """The largest usual step that has the default on its grid and at least twenty stops."""
    for step in _STEPS:
        off = 0.0 if default is None else (default - low) / step
        if (high - low) / step >= 20 and abs(off - round(off)) < 1e-6:
            return step
    return None
