"""The nearest known word to a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, None where none is near."""
    candidates = list(known)
    for candidate in candidates:
        if candidate.lower() == word.lower() or candidate.rpartition(".")[2] == word.lower():
            return candidate
    matches = get_close_matches(word, candidates, n=1, cutoff=0.6)
    return matches[0] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known word, else what is known (at most eight)."""
    candidates = list(known)
    match = nearest(word, candidates)
    if match:
        return f"Did you mean {match}?"
    if not candidates:
        return ""
    shown = ", ".join(sorted(candidates)[:8])
    return f"Known: {shown}{', …' if len(candidates) > 8 else ''}."
