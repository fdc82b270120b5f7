"""Random access to the rows of a normalised dataset, with eight bytes of memory a row."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path

from nodes.common.dataset import DATA, Row


class RowIndex:
    """Where each row of a JSON Lines file begins: shuffling and splitting need no row in memory."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._starts = array("q")
        position = 0
        with file.open("rb") as lines:
            for line in lines:
                if line.strip():
                    self._starts.append(position)
                position += len(line)

    @classmethod
    def of(cls, dataset: Path) -> RowIndex:
        """The index of a dataset's directory."""
        return cls(dataset / DATA)

    def __len__(self) -> int:
        return len(self._starts)

    def rows(self, numbers: Iterable[int]) -> Iterator[Row]:
        """The rows of these numbers, from 0, in this order."""
        with self._file.open("rb") as lines:
            for number in numbers:
                lines.seek(self._starts[number])
                yield json.loads(lines.readline())
