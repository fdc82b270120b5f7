"""How many rows of each dataset go into a mix, and which."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from nodegraph import NodeFailure

Until = Literal["smallest", "largest"]


def counts_for(
    sizes: Sequence[int], ratios: Sequence[float], total: int | None, until: Until, *, oversample: bool
) -> list[int]:
    """The rows to take of each dataset.

    Without ratios and total: all of them. With ratios, `total` rows in these proportions; without a total
    as many as there are until the first (smallest) or the last (largest) dataset is used up.
    """
    weights = [Fraction(str(ratio)) for ratio in ratios] or [Fraction(size) for size in sizes]
    _require_fit(sizes, weights)
    if total is None:
        if not ratios:
            return list(sizes)
        reach = [Fraction(size) / weight for size, weight in zip(sizes, weights, strict=True) if weight]
        scale = min(reach) if until == "smallest" else max(reach)
        counts = [int(scale * weight) for weight in weights]
    else:
        counts = _rounded(total, weights)
    _require_rows(sizes, counts, oversample=oversample)
    return counts


def chosen_rows(size: int, count: int, rng: random.Random) -> list[int]:
    """Which rows to take, in order: without repeats as far as the dataset reaches, then evenly repeated."""
    if count == size:
        return list(range(size))
    whole, more = divmod(count, size)
    rows = [*(row for _ in range(whole) for row in range(size)), *rng.sample(range(size), more)]
    return sorted(rows)


def _rounded(total: int, weights: Sequence[Fraction]) -> list[int]:
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    counts = [int(value) for value in exact]
    by_remainder = sorted(range(len(counts)), key=lambda part: (counts[part] - exact[part], part))
    for part in by_remainder[: total - sum(counts)]:
        counts[part] += 1
    return counts


def _require_fit(sizes: Sequence[int], weights: Sequence[Fraction]) -> None:
    if len(weights) != len(sizes):
        raise NodeFailure(
            "input",
            f"{len(weights)} ratios for {len(sizes)} datasets.",
            "Give one ratio for each dataset, in the order of the inputs; or none to take all rows.",
        )


def _require_rows(sizes: Sequence[int], counts: Sequence[int], *, oversample: bool) -> None:
    for number, (size, count) in enumerate(zip(sizes, counts, strict=True), start=1):
        if count > size and not oversample:
            raise NodeFailure(
                "input",
                f"The mix needs {count:,} rows of dataset {number}, which has {size:,}.",
                "Allow oversampling, so that rows repeat; or lower total or its ratio.",
            )
        if count > 0 and size == 0:
            raise NodeFailure("input", f"Dataset {number} has no rows.", "Set its ratio to 0, or remove it.")
