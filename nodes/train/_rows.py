"""Tokenised rows: flat arrays on disk, so that a dataset may be larger than memory."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

IGNORED = -100


@dataclass(frozen=True)
class TokenRows:
    """Rows of tokens. `ids` and `learned` are flat; row i starts at starts[i] and has lengths[i] tokens.

    `documents` holds, where rows are packed, the lengths of the texts in each.
    """

    ids: np.ndarray
    starts: np.ndarray
    lengths: np.ndarray
    learned: np.ndarray | None = None
    documents: list[list[int]] | None = None

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def tokens(self) -> int:
        """All tokens of all rows."""
        return int(self.lengths.sum())

    @property
    def uniform(self) -> bool:
        """Whether all rows are full and every token counts: then batches need no mask."""
        return self.learned is None and self.documents is None and len(set(self.lengths.tolist())) <= 1

    def select(self, indices: Sequence[int]) -> TokenRows:
        """Some of the rows, in this order."""
        documents = [self.documents[i] for i in indices] if self.documents else None
        return TokenRows(self.ids, self.starts[indices], self.lengths[indices], self.learned, documents)

    def row(self, index: int) -> tuple[np.ndarray, np.ndarray | None]:
        """The tokens of a row, and which of them count."""
        part = slice(self.starts[index], self.starts[index] + self.lengths[index])
        return self.ids[part], None if self.learned is None else self.learned[part]

    def written(self, folder: Path, name: str) -> dict[str, Any]:
        """Write what is not on disk yet; answers what `of` needs in another process."""
        import numpy as np

        places = folder / f"{name}-rows.npz"
        np.savez(places, starts=self.starts, lengths=self.lengths)
        arrays = {"ids": self.ids, "learned": self.learned}
        files = {key: str(array.filename) for key, array in arrays.items() if isinstance(array, np.memmap)}
        return {"places": str(places), **files, "documents": self.documents}

    @classmethod
    def of(cls, written: dict[str, Any]) -> TokenRows:
        """The rows that another process has written."""
        import numpy as np

        with np.load(written["places"]) as places:
            starts, lengths = places["starts"], places["lengths"]
        ids = np.memmap(written["ids"], dtype=np.int32, mode="r")
        learned = np.memmap(written["learned"], dtype=np.bool_, mode="r") if "learned" in written else None
        return cls(ids, starts, lengths, learned, written["documents"])

    def index(self, part: str) -> Any:
        """What the trainer iterates over: a Hugging Face dataset of row numbers and lengths."""
        from datasets import Dataset

        count = len(self)
        return Dataset.from_dict(
            {"part": [part] * count, "row": list(range(count)), "length": self.lengths.tolist()}
        )


class RowWriter:
    """Collects rows in two files and gives them back as arrays mapped from disk."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._paths = (folder / f"{name}-ids.bin", folder / f"{name}-learned.bin")
        self._files = tuple(path.open("wb") for path in self._paths)
        self._lengths: list[int] = []

    def add(self, ids: list[int], learned: list[bool]) -> None:
        """Add one row."""
        import numpy as np

        self._files[0].write(np.asarray(ids, dtype=np.int32).tobytes())
        self._files[1].write(np.asarray(learned, dtype=np.bool_).tobytes())
        self._lengths.append(len(ids))

    def rows(self) -> TokenRows:
        """All rows that were added."""
        import numpy as np

        for file in self._files:
            file.close()
        lengths = np.asarray(self._lengths, dtype=np.int64)
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64) if len(lengths) else lengths
        if not lengths.sum():
            return TokenRows(np.zeros(0, np.int32), starts, lengths, np.zeros(0, np.bool_))
        ids = np.memmap(self._paths[0], dtype=np.int32, mode="r")
        return TokenRows(ids, starts, lengths, np.memmap(self._paths[1], dtype=np.bool_, mode="r"))


def blocks(rows: TokenRows, length: int) -> TokenRows:
    """All tokens in one stream, cut into blocks of `length`; the rest that fills no block is left out."""
    import numpy as np

    length = min(length, len(rows.ids))
    count = len(rows.ids) // length if length else 0
    starts = np.arange(count, dtype=np.int64) * length
    return TokenRows(rows.ids, starts, np.full(count, length, dtype=np.int64))


def packed(rows: TokenRows, length: int, folder: Path, name: str) -> TokenRows:
    """Several texts to a row, by best fit, longest first; each text still sees only itself."""
    bins = best_fit(rows.lengths.tolist(), length)
    writer = RowWriter(folder, f"{name}-packed")
    for members in bins:
        parts = [rows.row(index) for index in members]
        ids = [token for tokens, _ in parts for token in tokens.tolist()]
        writer.add(ids, [flag for tokens, learned in parts for flag in flags(tokens, learned)])
    joined = writer.rows()
    documents = [[int(rows.lengths[index]) for index in members] for members in bins]
    return TokenRows(joined.ids, joined.starts, joined.lengths, joined.learned, documents)


def best_fit(lengths: Sequence[int], capacity: int) -> list[list[int]]:
    """Which items share a bin: each, longest first, goes where the least room is left over."""
    bins: list[list[int]] = []
    room: list[tuple[int, int]] = []
    for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        place = bisect.bisect_left(room, (lengths[index], -1))
        if place < len(room):
            left, target = room.pop(place)
        else:
            left, target = capacity, len(bins)
            bins.append([])
        bins[target].append(index)
        bisect.insort(room, (left - lengths[index], target))
    return bins


def flags(tokens: np.ndarray, learned: np.ndarray | None) -> list[bool]:
    """For each token of a row whether it counts."""
    return [True] * len(tokens) if learned is None else learned.tolist()
