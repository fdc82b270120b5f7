"""The catalogues: one file per language, from the English text to that language's.

A key may hold `{names}`: `t` fills them in; `find` recognises finished sentences by them (ui.i18n.patterns).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, get_args

from ui.i18n.patterns import Patterns, joined

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
# Each in its own words, so that whoever cannot read the others finds it.
OWN_NAMES: dict[str, str] = {"zh": "简体中文", "en": "English"}
_HERE = Path(__file__).parent
_BETWEEN_SENTENCES = re.compile(r"(?<=[.?!]) (?=\S)")
_BETWEEN = {"; ": "；", " or ": "或", " and ": "，", ", ": "、", " × ": " × "}
_CHINESE_END = ("。", "？", "！", "…", "：", "”", "）")


@cache
def entries(language: Language) -> dict[str, str]:
    """The texts of a language by their English; empty for English itself."""
    path = _HERE / f"{language}.json"
    if not path.exists():
        return {}
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


@cache
def _patterns(language: Language) -> Patterns:
    return Patterns(entries(language))


@lru_cache(maxsize=4096)
def find(language: Language, text: str) -> str | None:
    """A finished text in another language: whole, else sentence by sentence; None where nothing is known.

    A reason behind a colon, and what pydantic made a sentence of (“The shares …” from “the shares …”), are
    known by themselves.
    """
    found = _sentence(language, text)
    if found is not None:
        return found
    pieces = _BETWEEN_SENTENCES.split(text)
    if len(pieces) == 1:
        return None
    known = [_sentence(language, piece) for piece in pieces]
    if not any(known):
        return None
    return in_a_row([new or old for new, old in zip(known, pieces, strict=True)])


def in_a_row(sentences: Sequence[str]) -> str:
    """Sentences one after the other: Chinese ones without a space, others with one."""
    text = ""
    for sentence in sentences:
        text += sentence if not text or text.endswith(_CHINESE_END) else f" {sentence}"
    return text


def _sentence(language: Language, text: str) -> str | None:
    found = _whole(language, text)
    if found is None and text.endswith(".") and (bare := _whole(language, text[:1].lower() + text[1:-1])):
        found = bare + "。"
    if found is None and ": " in text:
        place, reason = text.split(": ", 1)
        said = _sentence(language, reason)
        found = said and f"{_phrase(language, place)}：{said}"
    return found


def _whole(language: Language, text: str) -> str | None:
    if text in entries(language):
        return entries(language)[text]
    fit = _patterns(language).fit(text)

    def translated(words: str) -> str:
        return _phrase(language, words)

    return None if fit is None or fit.is_doubtful(translated) else fit.filled(translated)


def _phrase(language: Language, words: str) -> str:
    """A part of a sentence: a list, known by itself or by its parts, else left as it is."""
    lists = [(between, words.split(between)) for between in _BETWEEN if between in words]
    for between, parts in lists:
        if all(_sentence(language, part) is not None for part in parts):
            return _list(language, between, parts)
    if (found := _sentence(language, words)) is not None:
        return found
    for between, parts in lists:
        known = any(_sentence(language, part) is not None for part in parts)
        if known or not any(" " in part for part in parts):
            return _list(language, between, parts)
    title, _, key = words.partition(" (")
    if key and (found := _sentence(language, title)) is not None:
        return f"{found}（{key.removesuffix(')')}）"
    return words


def _list(language: Language, between: str, parts: list[str]) -> str:
    first, *others = (_phrase(language, part) for part in parts)
    return joined([first, *(text for other in others for text in (_BETWEEN[between], other))])
