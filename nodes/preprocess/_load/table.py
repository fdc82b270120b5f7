"""Reads CSV and TSV: delimiter and header are told by content, a broken quote costs one line only."""

from __future__ import annotations

import csv
import re
from collections import Counter, deque
from collections.abc import Iterator
from typing import Literal, TextIO

from nodes.preprocess._load.lines import bounded_lines, too_long
from nodes.preprocess._load.names import KNOWN_COLUMNS
from nodes.preprocess._load.record import BadRow, Record

Header = Literal["auto", "yes", "no"]
_DELIMITERS = ",\t;|"
_MAX_REPAIRS = 50
_TITLE = re.compile(r"^[^\W\d][\w .\-/()#:]{0,47}$")


class Table:
    """The records of a table; `columns` and `has_header` are known once the first has been asked for."""

    def __init__(self, text: TextIO, limit: int, delimiter: str | None, header: Header) -> None:
        csv.field_size_limit(limit)
        self._numbered = bounded_lines(text, limit)
        self._waiting: deque[tuple[int, str | None]] = deque()
        self._taken: list[tuple[int, str | None]] = []
        self._limit = limit
        self._repairs = 0
        self._header = header
        self.columns: list[str] = []
        self.has_header = False
        self.delimiter = delimiter or self._sniffed()

    def records(self) -> Iterator[Record]:
        """A record for each row under the header."""
        for line, cells in self._rows():
            if isinstance(cells, BadRow):
                yield Record(line=line, fault=cells)
                continue
            if not self.columns:
                self.columns, self.has_header = columns_of(cells, self._header)
                if self.has_header:
                    continue
            width = len(self.columns)
            if len(cells) < width or any(cells[width:]):
                yield Record(line=line, fault=BadRow("wrong number of cells", f"{len(cells)}, not {width}"))
            else:
                yield Record(dict(zip(self.columns, cells, strict=False)), line=line)

    def _rows(self) -> Iterator[tuple[int, list[str] | BadRow]]:
        while True:
            self._taken = []
            try:
                cells = next(csv.reader(self._feed(), delimiter=self.delimiter), None)
            except (csv.Error, _TooLong):
                yield self._line, self._broken() if len(self._taken) > 1 else too_long(self._limit)
                continue
            if cells is None:
                return
            line = self._line
            if self._has_stray_quote():
                yield line, self._as_written() if self.delimiter == "\t" else self._broken()
            elif any(cell.strip() for cell in cells):
                yield line, cells

    @property
    def _line(self) -> int:
        return self._taken[0][0]

    def _feed(self) -> Iterator[str]:
        while (numbered := self._next_line()) is not None:
            self._taken.append(numbered)
            if numbered[1] is None:
                raise _TooLong
            yield numbered[1]

    def _next_line(self) -> tuple[int, str | None] | None:
        return self._waiting.popleft() if self._waiting else next(self._numbered, None)

    def _has_stray_quote(self) -> bool:
        """Whether a quote that opens a cell is never closed properly, and may have swallowed line ends."""
        lines = [line or "" for _, line in self._taken]
        if len(lines) == 1 and (
            '"' not in lines[0] or (lines[0].count('"') % 2 == 0 and self.delimiter != "\t")
        ):
            return False
        try:
            next(csv.reader(lines, delimiter=self.delimiter, strict=True), None)
        except csv.Error as error:
            return len(lines) > 1 or self.delimiter == "\t" or "end of data" in str(error)
        return False

    def _broken(self) -> BadRow:
        self._give_back()
        return BadRow("a quote is not closed")

    def _as_written(self) -> list[str]:
        """The first line cut at its tabs: many TSV files do not quote, and mean a quote as it stands."""
        self._give_back()
        return (self._taken[0][1] or "").rstrip("\n").split("\t")

    def _give_back(self) -> None:
        """Have all lines but the first read again, so that one stray quote costs one line."""
        self._repairs += 1
        if self._repairs <= _MAX_REPAIRS or self.delimiter == "\t":
            self._waiting.extendleft(reversed(self._taken[1:]))

    def _sniffed(self) -> str:
        first = self._next_line()
        if first is None:
            return ","
        self._waiting.appendleft(first)
        cells = {mark: next(csv.reader([first[1] or ""], delimiter=mark), []) for mark in _DELIMITERS}
        return max(_DELIMITERS, key=lambda mark: len(cells[mark]))


class _TooLong(Exception):
    pass


def columns_of(cells: list[str], header: Header) -> tuple[list[str], bool]:
    """The names of the columns, and whether the first row holds them; else they are numbered."""
    cells = [cell.strip() for cell in cells]
    if header == "no" or (header == "auto" and not _is_header(cells)):
        return [f"column_{number}" for number in range(1, len(cells) + 1)], False
    seen: Counter[str] = Counter()
    names = []
    for number, cell in enumerate(cells, start=1):
        name = cell or ("index" if number == 1 else f"column_{number}")
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return names, True


def _is_header(cells: list[str]) -> bool:
    if any(cell.lower() in KNOWN_COLUMNS for cell in cells):
        return True
    titles = [cell for number, cell in enumerate(cells) if cell or number > 0]
    return len(set(titles)) == len(titles) and all(
        _TITLE.match(title) and len(title.split()) <= 4 for title in titles
    )
