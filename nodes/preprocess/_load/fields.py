"""The fields of a row that a recipe names: question, answer, system prompt, earlier turns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from nodes.common.dataset import Row
from nodes.preprocess._load.recipes import Recipe
from nodes.preprocess._load.record import BadRow
from nodes.preprocess._load.turns import Turn, turns_of
from nodes.preprocess._load.values import is_nan, text_of

Keep = Literal["simple", "all", "none"]


@dataclass(frozen=True)
class Form:
    """What every row becomes: which further columns stay, and the system prompt to add."""

    keep: Keep = "simple"
    system: str = ""


def answer_turns(answer: Any, recipe: Recipe, field: str) -> list[Turn]:
    """An answer as turns, whether it is text, one turn or several."""
    name = recipe.columns[field]
    if isinstance(answer, (dict, list)):
        return turns_of(answer, name)
    return [{"role": "assistant", "content": text_of(answer, name)}]


def question_of(row: Row, recipe: Recipe) -> str:
    """What is asked: the instruction and, where there is one, its input on the next line."""
    name = recipe.columns["prompt"]
    asked = recipe.value(row, "prompt")
    more = recipe.value(row, "input")
    if more is None or is_nan(more) or not str(more).strip():
        text = text_of(asked, name)
    else:
        parts = [text_of(asked, name) if asked is not None else "", text_of(more, "input")]
        text = "\n".join(part for part in parts if part.strip())
    if not text.strip():
        raise BadRow(f"{name} is empty")
    return text


def history_turns(value: Any) -> list[Turn]:
    """Earlier questions and answers as turns."""
    turns: list[Turn] = []
    for pair in value if isinstance(value, list) else [value] if value else []:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise BadRow("history is no list of pairs of question and answer")
        turns.append({"role": "user", "content": text_of(pair[0], "history")})
        turns.append({"role": "assistant", "content": text_of(pair[1], "history")})
    return turns


def system_of(row: Row, recipe: Recipe, form: Form) -> str:
    """The system prompt of a row, its own before the one for all; empty where there is none."""
    own = recipe.value(row, "system")
    return own if isinstance(own, str) and own.strip() else form.system


def with_system(turns: list[Turn], row: Row, recipe: Recipe, form: Form) -> list[Turn]:
    """The turns with the row's system prompt before them, where they have none."""
    system = system_of(row, recipe, form)
    if not system or turns[0]["role"] == "system":
        return turns
    return [{"role": "system", "content": system}, *turns]
