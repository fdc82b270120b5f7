"""Of series that may be very long, so many points of each, evenly spread, in memory that does not grow."""

from __future__ import annotations

from typing import Generic, TypeVar

Point = TypeVar("Point")


class Thinning(Generic[Point]):
    """Keeps at most `most` points of each series, the first and the last among them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._series: dict[str, _Series[Point]] = {}
        self._count = 0

    def add(self, series: str, point: Point) -> None:
        """One more point of a series."""
        self._count += 1
        self._series.setdefault(series, _Series(self._most)).add((self._count, point))

    def points(self) -> list[Point]:
        """The points of all series that are kept, in the order in which they came."""
        kept = [entry for series in self._series.values() for entry in series.kept()]
        return [point for _, point in sorted(kept, key=lambda entry: entry[0])]


class _Series(Generic[Point]):
    """Every so many points; twice as far apart whenever there are twice too many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._step = 1
        self._seen = 0
        self._kept: list[tuple[int, Point]] = []
        self._last: tuple[int, Point] | None = None

    def add(self, entry: tuple[int, Point]) -> None:
        if self._seen % self._step == 0:
            self._kept.append(entry)
            if len(self._kept) >= 2 * self._most:
                self._kept = self._kept[::2]
                self._step *= 2
        self._seen += 1
        self._last = entry

    def kept(self) -> list[tuple[int, Point]]:
        found = list(self._kept)
        if self._last is not None and found[-1] is not self._last:
            found.append(self._last)
        last = len(found) - 1
        places = min(last, self._most - 1)
        # Of `last` steps, those that begin a new one of the places there are.
        return [
            entry
            for at, entry in enumerate(found)
            if at in (0, last) or at * places // last > (at - 1) * places // last
        ]
