"""Reads a judge's reply strictly: one JSON object with a whole number on the scale for every dimension."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

_FENCE = re.compile(r"\A```(?:json)?\s*\n(.*)\n```\Z", re.DOTALL)
_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)


class InvalidReply(Exception):
    """The reply is not what the rubric asks for; nothing of it may be used."""


@dataclass(frozen=True)
class Verdict:
    """The scores by dimension, and why."""

    scores: dict[str, int]
    rationale: str


def read_reply(content: str, names: Sequence[str], low: int, high: int) -> Verdict:
    """The verdict in a reply. A fence around it and a thought before it may stand, no other text."""
    text = _THOUGHT.sub("", content).strip()
    fenced = _FENCE.match(text)
    try:
        found = json.loads(
            fenced[1] if fenced else text, parse_constant=_no_number, object_pairs_hook=_no_twins
        )
    except (ValueError, RecursionError) as error:
        raise InvalidReply(f"the reply is no JSON object ({str(error)[:120]})") from error
    return verdict_of(found, names, low, high)


def verdict_of(found: Any, names: Sequence[str], low: int, high: int) -> Verdict:
    """The verdict in a decoded reply, each part checked."""
    if not isinstance(found, dict) or set(found) != {"scores", "rationale"}:
        raise InvalidReply("the reply is no object with scores and rationale alone")
    scores, rationale = found["scores"], found["rationale"]
    if not isinstance(rationale, str):
        raise InvalidReply("the rationale is no text")
    if not isinstance(scores, dict):
        raise InvalidReply("the scores are no object")
    if missing := [name for name in names if name not in scores]:
        raise InvalidReply(f"no score for {', '.join(missing)}")
    if set(scores) != set(names):
        raise InvalidReply("scores for dimensions that were not asked for")
    for name in names:
        value = scores[name]
        if type(value) is not int:
            raise InvalidReply(f"the score for {name} is no whole number")
        if not low <= value <= high:
            raise InvalidReply(f"the score for {name} is {str(value)[:20]}, outside {low} to {high}")
    return Verdict({name: scores[name] for name in names}, rationale.encode("utf-8", "replace").decode())


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found
