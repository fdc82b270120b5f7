"""Sums the verdicts up: means and spread by dimension, the weighted score, how scores are distributed."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from typing import Any

from nodes.judge._asking import Outcome
from nodes.judge._prompt import Rubric


def rubric_indicator(outcomes: Sequence[Outcome], rubric: Rubric) -> dict[str, Any]:
    """The indicator `rubric`; only valid verdicts are averaged, errors are counted beside them.

    `mean` weighs all dimensions alike, `score` by their weights, both on the rubric's scale;
    `normalised` is the score from 0 to 1.
    """
    scored = [outcome.scores for outcome in outcomes if outcome.scores is not None]
    dimensions = {
        dimension.name: {**_spread([scores[dimension.name] for scores in scored]), "weight": dimension.weight}
        for dimension in rubric.dimensions
    }
    totals = [rubric.weighted(scores) for scores in scored]
    score = statistics.fmean(totals)
    return {
        "mean": statistics.fmean(entry["mean"] for entry in dimensions.values()),
        "score": score,
        "std": statistics.pstdev(totals),
        "normalised": (score - rubric.low) / (rubric.high - rubric.low),
        "scale": [rubric.low, rubric.high],
        "dimensions": dimensions,
        "samples": len(scored),
        "errors": len(outcomes) - len(scored),
        "invalid": sum(outcome.invalid for outcome in outcomes),
        "cached": sum(outcome.cached for outcome in outcomes),
        "retries": sum(outcome.retried for outcome in outcomes),
    }


def distribution(outcomes: Sequence[Outcome], rubric: Rubric) -> dict[str, Any]:
    """The indicator `rubric_distribution`: for each dimension, how often each score was given."""
    scored = [outcome.scores for outcome in outcomes if outcome.scores is not None]
    counts = {
        name: {
            f"{score:g}": count for score, count in sorted(Counter(scores[name] for scores in scored).items())
        }
        for name in rubric.names
    }
    return {"dimensions": counts, "samples": len(scored)}


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {
        "mean": statistics.fmean(values),
        "std": statistics.pstdev(values),
        "median": statistics.median(values),
    }
