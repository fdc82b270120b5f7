"""Texts made comparable: the answer is taken out of what a model said, and both sides are normalised."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable, Sequence
from typing import Literal

from nodegraph import NodeFailure

Extraction = Literal["auto", "none", "first_line", "last_line", "regex", "last_number", "label"]
Step = Literal["strip", "whitespace", "case", "punctuation", "nfkc"]
CJK = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U000323af"
)
_CJK = re.compile(f"[{CJK}]")
_NUMBER = re.compile(r"(?:(?<![\w.)])-)?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?")
_MOST_LABELS = 50
_LONGEST_LABEL = 40
_CHINESE_SHARE = 0.2


def is_chinese(texts: Sequence[str]) -> bool:
    """Whether a fifth or more of the letters are Chinese or Japanese characters."""
    joined = "".join(texts)
    letters = sum(character.isalpha() for character in joined)
    return letters > 0 and len(_CJK.findall(joined)) >= _CHINESE_SHARE * letters


def labels_among(references: Sequence[str]) -> list[str]:
    """The distinct references where they are few and short, as labels are; else an empty list."""
    distinct = {reference.strip() for reference in references}
    few = 2 <= len(distinct) <= min(_MOST_LABELS, len(references) // 2)
    short = all(0 < len(label) <= _LONGEST_LABEL for label in distinct)
    return sorted(set(references)) if few and short else []


def extractor(kind: Extraction, pattern: str, labels: Sequence[str]) -> Callable[[str], str]:
    """A function from what was said to the answer in it; "" where there is none."""
    if kind == "first_line":
        return lambda text: next((line.strip() for line in text.splitlines() if line.strip()), "")
    if kind == "last_line":
        return lambda text: next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")
    if kind == "last_number":
        return _last_number
    if kind == "label":
        return lambda text: _label_in(text, labels)
    if kind == "regex":
        found = _compiled(pattern)
        return lambda text: _match(found, text)
    return lambda text: text


def normaliser(steps: Sequence[Step]) -> Callable[[str], str]:
    """A function that applies the steps in a fixed order, whatever order they are listed in."""

    def normalise(text: str) -> str:
        if "nfkc" in steps:
            text = unicodedata.normalize("NFKC", text)
        if "case" in steps:
            text = text.casefold()
        if "punctuation" in steps:
            text = "".join(
                c for c in text if c not in string.punctuation and unicodedata.category(c)[0] != "P"
            )
        if "whitespace" in steps or "punctuation" in steps:
            text = " ".join(text.split())
        return text.strip() if "strip" in steps else text

    return normalise


def _last_number(text: str) -> str:
    numbers: list[str] = _NUMBER.findall(unicodedata.normalize("NFKC", text))
    if not numbers:
        return ""
    plain = numbers[-1].replace(",", "")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _label_in(text: str, labels: Sequence[str]) -> str:
    """The label a text consists of, or the one it names first; the longer one of two at the same place."""
    folded = _folded(text)
    for label in labels:
        if folded == _folded(label):
            return label
    places = [
        (place, -len(label), label) for label in labels if (place := _place(folded, _folded(label))) >= 0
    ]
    return min(places)[2] if places else text.strip()


def _place(text: str, label: str) -> int:
    # A Latin label must stand as a word of its own; Chinese has no spaces between words.
    before = r"(?<![a-z0-9_])" if label[:1].isascii() and label[:1].isalnum() else ""
    after = r"(?![a-z0-9_])" if label[-1:].isascii() and label[-1:].isalnum() else ""
    found = re.search(before + re.escape(label) + after, text)
    return found.start() if found else -1


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.DOTALL)
    except re.error as error:
        raise NodeFailure(
            "input", f"The pattern {pattern!r} is no regular expression: {error}.", "Correct extract_pattern."
        ) from error


def _match(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    if found is None:
        return ""
    answer: str = next((group for group in found.groups() if group is not None), found[0])
    return answer
