"""Finds the pattern that a finished sentence was made from, such as “There is no run {run}.”.

Hundreds of patterns are not tried one by one: each is kept under the longest whole word of its fixed text,
and only those whose word is in the sentence are compared, part by part, without regular expressions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

_NAME = re.compile(r"\{(\w+)\}")
_WORD = re.compile(r"\w+")
_LITTLE = 8
_NAME_WORDS = 3
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_FULL_WIDTH = re.compile(r"[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]")
_LATIN = re.compile(r"[A-Za-z0-9]")


@dataclass(frozen=True)
class Pattern:
    """A text with names in it: its fixed parts in order, the names between, and what it is in the language.

    A name that ends in `_` stands for words that are translated as well, such as the title of a parameter.
    """

    parts: tuple[str, ...]
    names: tuple[str, ...]
    text: str

    @classmethod
    def of(cls, key: str, text: str) -> Pattern:
        """The pattern of a key of the catalogue."""
        pieces = _NAME.split(key)
        return cls(tuple(pieces[::2]), tuple(pieces[1::2]), text)

    @property
    def weight(self) -> int:
        """How much of it is fixed: where several fit a sentence, the one that says most is meant."""
        return sum(map(len, self.parts))

    @property
    def is_short(self) -> bool:
        """Whether it says so little (“{low} to {high}”) that plain names stand for single words only."""
        return not self.parts[0] and self.says_little

    @property
    def says_little(self) -> bool:
        """Whether its fixed text is a word or two (“Make {path}.”): much else could begin or end like it."""
        return sum(map(str.isalpha, "".join(self.parts))) < _LITTLE

    @property
    def word(self) -> str:
        """The longest whole word of the fixed text; empty where there is none."""
        return max(self._words(), key=len, default="")

    def values(self, sentence: str) -> dict[str, str] | None:
        """What the names stand for in a sentence that fits; a name that comes twice stands for the same."""
        first, *middle, last = self.parts
        at, end = len(first), len(sentence) - len(last)
        if end < at or not sentence.startswith(first) or not sentence.endswith(last):
            return None
        found: dict[str, str] = {}
        for name, part in zip(self.names, [*middle, None], strict=True):
            until = end if part is None else sentence.find(part, at, end)
            if until < 0 or found.setdefault(name, sentence[at:until]) != sentence[at:until]:
                return None
            if not name.endswith("_") and self._is_too_much(name, found[name]):
                return None
            at = until + len(part or "")
        return found

    def _is_too_much(self, name: str, value: str) -> bool:
        """A plain name stands for a word where little is fixed, and for no sentence at the beginning."""
        return " " in value and (
            self.is_short
            or (self.says_little and self.parts[0][:1].isupper() and _is_prose(value))
            or (not self.parts[0] and name == self.names[0] and ": " in value)
        )

    def _words(self) -> list[str]:
        """Words with fixed text, or an end of the sentence, on both sides: these stand in it as they are."""
        last = len(self.parts) - 1
        return [
            word[0]
            for index, part in enumerate(self.parts)
            for word in _WORD.finditer(part)
            if (word.start() > 0 or index == 0) and (word.end() < len(part) or index == last)
        ]


def _is_prose(value: str) -> bool:
    """Whether it reads like a part of a sentence, not like a name or a list of names."""
    return any(len(piece.split()) > _NAME_WORDS for piece in value.split(", "))


@dataclass(frozen=True)
class Fit:
    """A pattern and what its names stand for."""

    pattern: Pattern
    values: dict[str, str] = field(default_factory=dict)

    def is_doubtful(self, translated: Callable[[str], str]) -> bool:
        """Whether so little is fixed (“{what_} and {more_}”) that prose nobody knows speaks against it."""
        words = (value for name, value in self.values.items() if name.endswith("_") and _is_prose(value))
        return self.pattern.is_short and any(translated(value) == value for value in words)

    def filled(self, translated: Callable[[str], str]) -> str:
        """The text in the language, with the values in it."""

        pieces = _NAME.split(self.pattern.text)
        for index in range(1, len(pieces), 2):
            words = self.values.get(pieces[index], "")
            pieces[index] = translated(words) if pieces[index].endswith("_") else words
        return joined(pieces)


def joined(pieces: Iterable[str]) -> str:
    """Texts one after the other: a space between Chinese and Latin, none between Chinese and Chinese."""
    text = ""
    for piece in filter(None, pieces):
        before, after = text.rstrip(" "), piece.lstrip(" ")
        end, start = before[-1:], after[:1]
        if _FULL_WIDTH.match(end) and _FULL_WIDTH.match(start):
            text = before + after
        elif (_CHINESE.match(end) and _LATIN.match(start)) or (_LATIN.match(end) and _CHINESE.match(start)):
            text = f"{before} {after}"
        else:
            text += piece
    return text


class Patterns:
    """Those entries of a catalogue that have names in them, by a word of theirs."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._by_word: dict[str, list[Pattern]] = {}
        for key, text in entries.items():
            if "{" in key and _NAME.search(key):
                pattern = Pattern.of(key, text)
                # One without a word (“{place}: {reason}”) would fit anything.
                if word := pattern.word:
                    self._by_word.setdefault(word, []).append(pattern)

    def fit(self, sentence: str) -> Fit | None:
        """The pattern with most fixed text among those that fit."""
        best: Fit | None = None
        for word in set(_WORD.findall(sentence)):
            for pattern in self._by_word.get(word, ()):
                if best is not None and pattern.weight <= best.pattern.weight:
                    continue
                values = pattern.values(sentence)
                if values is not None:
                    best = Fit(pattern, values)
        return best
