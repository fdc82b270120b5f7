"""The Chinese catalogue keeps its rules: same names on both sides, full-width signs, spaces beside Latin."""

from __future__ import annotations

import re

from ui.i18n.catalogue import entries
from ui.i18n.patterns import Pattern

_NAME = re.compile(r"\{(\w+)\}")
_CJK = r"[\u4e00-\u9fff]"
_HALF_WIDTH = re.compile(rf"{_CJK}[,;:!?()]|[,;!?]{_CJK}|{_CJK}\.(?!\w)")
# These names, and those that end in _, stand for Chinese words or whole sentences.
_CHINESE = r"\{(?:state|problem|reason|message|category|word|title|\w+_)\}"
_LATIN = rf"(?!{_CHINESE})(?:[A-Za-z0-9]|\{{\w+\}})"
_UNSPACED = re.compile(rf"{_CJK}{_LATIN}|(?:[A-Za-z0-9]|(?!{_CHINESE})\{{\w+\}}){_CJK}")
_STATES = ("draft", "queued", "running", "succeeded", "cached", "failed", "cancelled", "skipped", "stale")


def test_names_are_the_same_on_both_sides() -> None:
    wrong = {
        key: text
        for key, text in entries("zh").items()
        if set(_NAME.findall(key)) != set(_NAME.findall(text))
    }
    assert wrong == {}


def test_two_entries_for_the_same_sentences_say_the_same() -> None:
    known: dict[tuple[str, ...], str] = {}
    for key, text in entries("zh").items():
        shape = _NAME.sub("{}", text)
        assert known.setdefault(Pattern.of(key, "").parts, shape) == shape, key


def test_signs_are_full_width() -> None:
    assert {key: text for key, text in entries("zh").items() if _HALF_WIDTH.search(text)} == {}


def test_chinese_and_latin_are_set_apart() -> None:
    assert {key: text for key, text in entries("zh").items() if _UNSPACED.search(text)} == {}


def test_state_words_are_short() -> None:
    assert all(len(entries("zh")[state]) <= 3 for state in _STATES)
