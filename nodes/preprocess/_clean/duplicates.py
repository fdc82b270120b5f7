"""Finds rows that say the same as an earlier one, exactly or nearly."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from itertools import islice
from typing import Any, Literal

from nodes.common.dataset import Row, purpose_of, text_of
from nodes.common.row_text import FIELDS, answer_of, question_of

Part = Literal["row", "question", "answer"]
_IDS = frozenset({"id", "_id", "uid", "idx", "index", "task_id", "prompt_id"})
_BATCH = 20_000
_BLANK = re.compile(r"\s+")


def part_of(row: Row, part: Part) -> str:
    """The text by which rows are compared; where a row is a prompt with columns, these belong to it."""
    if part == "question":
        asked = question_of(row)
        return text_of(row) if asked is None else asked
    if part == "answer":
        return answer_of(row) or ""
    is_table = purpose_of(row) == "prompt"
    said = {name: value for name, value in row.items() if name in FIELDS or (is_table and name not in _IDS)}
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


class ExactDuplicates:
    """Remembers sixteen bytes of every text it has seen."""

    def __init__(self) -> None:
        self._seen: dict[bytes, int] = {}

    def first(self, text: str, number: int) -> int | None:
        """The number of the earlier row with the same text; None where this is the first."""
        key = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
        earlier = self._seen.setdefault(key, number)
        return earlier if earlier != number else None


class NearDuplicates:
    """MinHash over runs of characters, which works for Chinese as for English (Broder 1997).

    A row is a near duplicate where the estimated share of runs that it has in common with an earlier one
    reaches the threshold. White space and case do not count.
    """

    def __init__(self, threshold: float, run: int, permutations: int = 128) -> None:
        from datasketch import MinHash, MinHashLSH

        self._minhash = MinHash
        self._permutations = permutations
        self._threshold = threshold
        self._run = run
        # The index only proposes; above this it would have too few bands to propose anything.
        self._index = MinHashLSH(threshold=min(threshold, 0.9), num_perm=permutations)
        self._sketches: dict[int, Any] = {}

    def first(self, text: str, number: int) -> int | None:
        """The number of the earlier row that is nearly the same; else None, and the row is remembered."""
        sketch = self._minhash(num_perm=self._permutations, hashfunc=zlib.crc32)
        runs = iter(_runs(_BLANK.sub("", text).casefold(), self._run))
        while batch := list(islice(runs, _BATCH)):
            sketch.update_batch(batch)
        for earlier in sorted(self._index.query(sketch)):
            if sketch.jaccard(self._sketches[earlier]) >= self._threshold:
                return int(earlier)
        self._index.insert(number, sketch)
        self._sketches[number] = sketch
        return None


def _runs(text: str, length: int) -> set[bytes]:
    if len(text) <= length:
        return {text.encode("utf-8", "replace")}
    return {
        text[start : start + length].encode("utf-8", "replace") for start in range(len(text) - length + 1)
    }
