"""Rules that remove rows by what they hold: emptiness, length, patterns."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from nodes.common.dataset import Row, text_of
from nodes.common.row_text import answer_of, field_text
from nodes.preprocess._clean.params import Params
from nodes.preprocess._clean.patterns import first_match
from nodes.preprocess._clean.rule import Removed, Rule


def drop_empty(row: Row) -> Row:
    """Remove a row in which nothing is asked or said."""
    for name in ("text", "prompt", "messages"):
        if name in row and not field_text(row[name]).strip():
            raise Removed(f"{name} is empty")
    return row


def drop_empty_answer(row: Row) -> Row:
    """Remove a row whose answer is empty."""
    answer = answer_of(row)
    if answer is not None and not answer.strip():
        raise Removed("the answer is empty")
    return row


def required(names: Sequence[str]) -> Callable[[Row], Row]:
    """Remove rows in which one of these fields is missing or empty."""

    def apply(row: Row) -> Row:
        for name in names:
            value = row.get(name)
            if value is None or not _standing(value):
                raise Removed(f"{name} is missing")
        return row

    return apply


def _standing(value: Any) -> str:
    if isinstance(value, list) and not all(isinstance(item, dict) for item in value):
        return "".join(str(item) for item in value).strip()
    return field_text(value).strip()


def length_rules(params: Params) -> list[Rule]:
    """The limits on whole rows and on answers that are set."""

    def limits(measure: Callable[[Row], str | None], low: int, high: int | None) -> Callable[[Row], Row]:
        def apply(row: Row) -> Row:
            text = measure(row)
            if text is not None and len(text) < low:
                raise Removed(f"{len(text)} characters, fewer than {low}")
            if text is not None and high is not None and len(text) > high:
                raise Removed(f"{len(text)} characters, more than {high}")
            return row

        return apply

    rules = []
    if params.min_chars > 1 or params.max_chars is not None:
        apply = limits(text_of, params.min_chars, params.max_chars)
        rules.append(Rule("length", "Rows too short or too long", apply))
    if params.answer_min_chars > 0 or params.answer_max_chars is not None:
        apply = limits(answer_of, params.answer_min_chars, params.answer_max_chars)
        rules.append(Rule("answer_length", "Answers too short or too long", apply))
    return rules


def drop_matching(patterns: list[str]) -> Callable[[Row], Row]:
    """Remove rows in which one of the patterns is found."""
    compiled = [re.compile(pattern) for pattern in patterns]

    def apply(row: Row) -> Row:
        if (found := first_match(compiled, text_of(row))) is not None:
            raise Removed(f"matches {found}")
        return row

    return apply


def keep_matching(patterns: list[str]) -> Callable[[Row], Row]:
    """Remove rows in which none of the patterns is found."""
    compiled = [re.compile(pattern) for pattern in patterns]

    def apply(row: Row) -> Row:
        if first_match(compiled, text_of(row)) is None:
            raise Removed("matches none of the patterns to keep")
        return row

    return apply
