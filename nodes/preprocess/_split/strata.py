"""Deals the rows of each stratum to the splits so that both keep their proportions to less than one row."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

Table = list[list[int]]


def allotted(strata: Sequence[int], totals: Sequence[int]) -> Table:
    """How many rows of each stratum go to each split.

    Every cell is its exact share rounded down or up, every stratum is dealt out in full, and every split
    gets exactly its total: controlled rounding of a table (Cox 1987).
    """
    rows = sum(strata)
    exact = [[Fraction(size * total, rows) for total in totals] for size in strata]
    table = _by_remainder(exact, strata)
    _repair(table, exact, totals)
    return table


def _by_remainder(exact: Sequence[Sequence[Fraction]], strata: Sequence[int]) -> Table:
    """Stratum by stratum by largest remainder; what a split was given too little of counts in the next."""
    owed = [Fraction(0)] * len(exact[0])
    table = []
    for shares, size in zip(exact, strata, strict=True):
        cells = [int(share) for share in shares]
        rest = [share - cell for share, cell in zip(shares, cells, strict=True)]
        claims = [split for split in range(len(cells)) if rest[split] > 0]
        claims.sort(key=lambda split: (-(rest[split] + owed[split]), split))
        for split in claims[: size - sum(cells)]:
            cells[split] += 1
        owed = [debt + share - cell for debt, share, cell in zip(owed, shares, cells, strict=True)]
        table.append(cells)
    return table


def _repair(table: Table, exact: Sequence[Sequence[Fraction]], totals: Sequence[int]) -> None:
    """Move single rows from splits with too many to splits with too few, along cells that stay rounded."""
    while True:
        surplus = [sum(cells[split] for cells in table) - total for split, total in enumerate(totals)]
        source = next((split for split, value in enumerate(surplus) if value > 0), None)
        if source is None:
            return
        for stratum, giver, taker in _path(table, exact, source, surplus):
            table[stratum][giver] -= 1
            table[stratum][taker] += 1


def _path(
    table: Table, exact: Sequence[Sequence[Fraction]], source: int, surplus: Sequence[int]
) -> list[tuple[int, int, int]]:
    """The shortest chain of moves (stratum, from, to) that ends at a split with too few rows."""
    reached: dict[int, list[tuple[int, int, int]]] = {source: []}
    waiting = [source]
    while waiting:
        giver = waiting.pop(0)
        if surplus[giver] < 0:
            return reached[giver]
        for stratum, cells in enumerate(table):
            if cells[giver] <= exact[stratum][giver]:
                continue
            for taker in range(len(cells)):
                if taker not in reached and cells[taker] < exact[stratum][taker]:
                    reached[taker] = [*reached[giver], (stratum, giver, taker)]
                    waiting.append(taker)
    raise AssertionError("a table of proportions can always be rounded")
