"""Puts noise into one text: a share of its characters, each by one of the kinds."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from nodes.augment._noise_kinds import MAKERS, Kind


def noisy(text: str, kinds: Sequence[Kind], rate: float, rng: random.Random, counts: Counter[str]) -> str:
    """`text` with `rate` of its characters changed, at least one where any can be; `counts` says how.

    The number of changes is rate x length, rounded; a character that no kind fits is passed over, and no
    character is changed twice. Rate 0 changes nothing.
    """
    wanted = max(1, round(rate * len(text))) if rate > 0 else 0
    places = list(range(len(text)))
    rng.shuffle(places)
    edits: dict[int, str] = {}
    taken: set[int] = set()
    for at in places:
        if len(edits) >= wanted:
            break
        if at in taken:
            continue
        found = _edit(text, at, kinds, rng, taken)
        if found is None:
            continue
        kind, edit = found
        edits[at] = edit
        taken.update((at, at + 1) if kind == "swap" else (at,))
        counts[kind] += 1
    return _applied(text, edits, taken)


def _edit(
    text: str, at: int, kinds: Sequence[Kind], rng: random.Random, taken: set[int]
) -> tuple[Kind, str] | None:
    for kind in rng.sample(kinds, len(kinds)):
        if kind == "swap" and at + 1 in taken:
            continue
        edit = MAKERS[kind](text, at, rng)
        if edit is not None:
            return kind, edit
    return None


def _applied(text: str, edits: dict[int, str], taken: set[int]) -> str:
    """Places that are taken without an edit of their own are the second halves of swaps."""
    return "".join(edits.get(at, "" if at in taken else char) for at, char in enumerate(text))
