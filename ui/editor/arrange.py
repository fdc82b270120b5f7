"""Auto-layout: columns by the longest way from the start, few crossings, cards that do not overlap.

The method is Sugiyama's (layers, then barycentres, then heights); the heights of a column are the nearest
to what its neighbours ask for, found by pooling adjacent violators. The same graph always looks the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

Position = tuple[float, float]
COLUMN = 240
# A card grows when its node runs or fails: it must not come to lie over the one below.
GAP = 48
GRID = 16
_SWEEPS = 6
_ASPECT = 1.6


def arrange(
    nodes: Sequence[str], edges: Sequence[tuple[str, str]], heights: Mapping[str, float]
) -> dict[str, Position]:
    """Where each card lies, from (0, 0). Edges that lead backwards in the order of `nodes` do not count."""
    rank = {name: index for index, name in enumerate(nodes)}
    forward = [(a, b) for a, b in dict.fromkeys(edges) if rank.get(a, 0) < rank.get(b, -1)]
    before: dict[str, list[str]] = {name: [] for name in nodes}
    after: dict[str, list[str]] = {name: [] for name in nodes}
    for a, b in forward:
        before[b].append(a)
        after[a].append(b)
    found: list[dict[str, Position]] = []
    for part in _parts(nodes, before, after):
        columns = _columns(part, before, after)
        _untangle(columns, before, after)
        found.append(_placed(columns, before, after, heights))
    return _packed(found, heights)


def _parts(
    nodes: Sequence[str], before: Mapping[str, list[str]], after: Mapping[str, list[str]]
) -> list[list[str]]:
    """The nodes that edges join, each group by itself, in the order of their first ones."""
    group: dict[str, int] = {}
    for number, first in enumerate(nodes):
        waiting = [] if first in group else [first]
        while waiting:
            name = waiting.pop()
            if name not in group:
                group[name] = number
                waiting += [*before[name], *after[name]]
    parts: dict[int, list[str]] = {}
    for name in nodes:
        parts.setdefault(group[name], []).append(name)
    return list(parts.values())


def _columns(
    nodes: Sequence[str], before: Mapping[str, list[str]], after: Mapping[str, list[str]]
) -> list[list[str]]:
    column: dict[str, int] = {}
    for name in nodes:
        column[name] = max((column[source] + 1 for source in before[name]), default=0)
    # What needs nothing stands right before what needs it, not at the far left.
    for name in nodes:
        if not before[name] and after[name]:
            column[name] = min(column[target] for target in after[name]) - 1
    columns: list[list[str]] = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for name in nodes:
        columns[column[name]].append(name)
    return columns


def _untangle(
    columns: list[list[str]], before: Mapping[str, list[str]], after: Mapping[str, list[str]]
) -> None:
    """Sort each column by where its neighbours stand, forwards and backwards in turn."""
    place = {name: _share(index, column) for column in columns for index, name in enumerate(column)}
    for sweep in range(_SWEEPS):
        neighbours = after if sweep % 2 else before
        for column in reversed(columns) if sweep % 2 else columns:
            wish = {name: _mean([place[other] for other in neighbours[name]], place[name]) for name in column}
            column.sort(key=wish.__getitem__)
            place.update({name: _share(index, column) for index, name in enumerate(column)})


def _placed(
    columns: list[list[str]],
    before: Mapping[str, list[str]],
    after: Mapping[str, list[str]],
    heights: Mapping[str, float],
) -> dict[str, Position]:
    middle = {}
    for column in columns:
        total = sum(heights[name] + GAP for name in column)
        for name, top in zip(column, _stacked(column, [-total / 2] * len(column), heights), strict=True):
            middle[name] = top + heights[name] / 2
    for sweep in range(_SWEEPS):
        neighbours = after if sweep % 2 else before
        for column in reversed(columns) if sweep % 2 else columns:
            wish = [
                _mean([middle[other] for other in neighbours[name]], middle[name]) - heights[name] / 2
                for name in column
            ]
            for name, top in zip(column, _stacked(column, wish, heights), strict=True):
                middle[name] = top + heights[name] / 2
    least = min((middle[name] - heights[name] / 2 for name in middle), default=0.0)
    return {
        name: (index * COLUMN, GRID * round((middle[name] - heights[name] / 2 - least) / GRID))
        for index, column in enumerate(columns)
        for name in column
    }


def _stacked(column: Sequence[str], wish: Sequence[float], heights: Mapping[str, float]) -> list[float]:
    """Tops in this order, without overlap, in sum of squares the nearest to the wished ones."""
    offsets, offset = [], 0.0
    for name in column:
        offsets.append(offset)
        offset += heights[name] + GAP
    pools: list[tuple[float, int]] = []
    for wanted, below in zip(wish, offsets, strict=True):
        pool = (wanted - below, 1)
        while pools and pools[-1][0] > pool[0]:
            mean, size = pools.pop()
            pool = ((mean * size + pool[0] * pool[1]) / (size + pool[1]), size + pool[1])
        pools.append(pool)
    starts = [mean for mean, size in pools for _ in range(size)]
    return [start + offset for start, offset in zip(starts, offsets, strict=True)]


def _packed(parts: Sequence[Mapping[str, Position]], heights: Mapping[str, float]) -> dict[str, Position]:
    """The parts beside each other, in rows about as wide as a screen is to its height."""
    sizes = [
        (max(x for x, _ in part.values()) + COLUMN, max(y + heights[name] for name, (_, y) in part.items()))
        for part in parts
    ]
    area = sum(width * (height + GAP) for width, height in sizes)
    widest = max([(_ASPECT * area) ** 0.5, *(width for width, _ in sizes)], default=0.0)
    found: dict[str, Position] = {}
    left = top = bottom = 0.0
    for part, (width, height) in zip(parts, sizes, strict=True):
        if left and left + width > widest:
            left, top = 0.0, bottom
        found.update({name: (left + x, top + y) for name, (x, y) in part.items()})
        left += width
        bottom = max(bottom, GRID * math.ceil((top + height + GAP) / GRID))
    return found


def _share(index: int, column: Sequence[str]) -> float:
    return (index + 0.5) / len(column)


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
