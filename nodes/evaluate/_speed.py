"""Latency and throughput of the answers that were measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any


def latency(seconds: Sequence[float]) -> dict[str, Any]:
    """Mean and percentiles in milliseconds: how long each caller waited."""
    ordered = sorted(1000 * value for value in seconds)
    quantiles = {f"p{q}_ms": percentile(ordered, q) for q in (50, 90, 95, 99)}
    return {**quantiles, "mean_ms": sum(ordered) / len(ordered), "requests": len(ordered)}


def throughput(requests: int, tokens: int, seconds: float, concurrency: int) -> dict[str, Any]:
    """Answers and new tokens per second of generating; loading, warm-up and scoring are not counted."""
    return {
        "rps": requests / seconds,
        "concurrency": min(concurrency, requests),
        "duration_s": seconds,
        "tokens_per_second": tokens / seconds,
    }


def percentile(ordered: Sequence[float], q: float) -> float:
    """The q-th percentile of sorted values with linear interpolation, as numpy.percentile gives it."""
    place = (len(ordered) - 1) * q / 100
    low, high = math.floor(place), math.ceil(place)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
