"""How many rows each split gets: shares rounded by largest remainder, or counts as they are."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor

from nodegraph import NodeFailure

SPLITS = ("train", "validation", "test")


def are_counts(wanted: Sequence[float]) -> bool:
    """Whether the numbers are counts of rows: as soon as one of them is above 1."""
    return any(value > 1 for value in wanted)


def check_sizes(wanted: Sequence[float]) -> None:
    """ValueError where the numbers are neither counts nor shares of a whole."""
    if are_counts(wanted):
        odd = [value for value in wanted if value != int(value)]
        if odd:
            raise ValueError(
                f"{odd[0]} among counts: give shares that add up to 1, or whole numbers of rows for all three"
            )
    elif abs(sum(wanted) - 1) > 1e-6:
        listed = " + ".join(f"{value:g}" for value in wanted)
        raise ValueError(f"the shares add up to {sum(wanted):g}, not 1 ({listed}); or give counts of rows")


def sizes(rows: int, wanted: Sequence[float], *, rest_to_train: bool = False) -> list[int]:
    """The rows of each split, and last those left over; fails where there are too few."""
    if are_counts(wanted):
        found = [int(value) for value in wanted]
        if sum(found) > rows:
            raise NodeFailure(
                "input",
                f"{sum(found):,} rows are asked for ({_listed(found)}), but the dataset has {rows:,}.",
                "Ask for fewer, or give shares such as 0.8, 0.1 and 0.1.",
            )
        if rest_to_train:
            found[0] += rows - sum(found)
        return [*found, rows - sum(found)]
    least = sum(value > 0 for value in wanted)
    if rows < least:
        raise NodeFailure(
            "input",
            f"{rows} {'row' if rows == 1 else 'rows'} cannot fill {least} splits.",
            "Load more rows, or set the share of a split to 0.",
        )
    return [*_at_least_one(largest_remainder(rows, wanted), wanted), 0]


def largest_remainder(total: int, shares: Sequence[float]) -> list[int]:
    """`total` in whole parts, each within one of its exact share (Hamilton's method)."""
    whole = sum(Fraction(str(share)) for share in shares)
    exact = [total * Fraction(str(share)) / whole for share in shares]
    parts = [floor(value) for value in exact]
    by_remainder = sorted(range(len(parts)), key=lambda part: (parts[part] - exact[part], part))
    for part in by_remainder[: total - sum(parts)]:
        parts[part] += 1
    return parts


def _at_least_one(parts: list[int], wanted: Sequence[float]) -> list[int]:
    """A split that is asked for is never empty: it takes a row from the largest."""
    for part, value in enumerate(wanted):
        if value > 0 and parts[part] == 0:
            parts[parts.index(max(parts))] -= 1
            parts[part] = 1
    return parts


def _listed(counts: Sequence[int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in zip(SPLITS, counts, strict=True))
