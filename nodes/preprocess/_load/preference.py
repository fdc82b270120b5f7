"""Pairs of a better and a worse answer, in the forms in which they are published."""

from __future__ import annotations

from typing import Any

from nodes.common.dataset import Row
from nodes.preprocess._load.fields import Form, answer_turns, question_of, system_of, with_system
from nodes.preprocess._load.recipes import Recipe
from nodes.preprocess._load.record import BadRow
from nodes.preprocess._load.turns import turns_of
from nodes.preprocess._load.values import text_of


def preference(row: Row, recipe: Recipe, form: Form) -> Row:
    """A row of prompt, chosen and rejected."""
    chosen, rejected = recipe.value(row, "chosen"), recipe.value(row, "rejected")
    if isinstance(chosen, list) and isinstance(rejected, list) and len(chosen) > 1:
        return _whole_dialogues(row, recipe, form)
    if "messages" in recipe.columns:
        turns = turns_of(recipe.value(row, "messages"), recipe.columns["messages"])
    elif "prompt" in recipe.columns:
        asked = recipe.value(row, "prompt")
        if isinstance(chosen, str) and not isinstance(asked, list) and not system_of(row, recipe, form):
            sides = {side: text_of(recipe.value(row, side), side) for side in ("chosen", "rejected")}
            return _distinct({"prompt": question_of(row, recipe), **sides})
        turns = turns_of(asked, "prompt") if isinstance(asked, list) else []
        turns = turns or [{"role": "user", "content": question_of(row, recipe)}]
    else:
        return _distinct(_common_start(chosen, rejected))
    answers = {side: answer_turns(recipe.value(row, side), recipe, side) for side in ("chosen", "rejected")}
    return _distinct({"prompt": with_system(turns, row, recipe, form), **answers})


def _whole_dialogues(row: Row, recipe: Recipe, form: Form) -> Row:
    """Chosen and rejected are whole conversations: what they have in common at the start is the prompt."""
    chosen = turns_of(recipe.value(row, "chosen"), recipe.columns["chosen"])
    rejected = turns_of(recipe.value(row, "rejected"), recipe.columns["rejected"])
    same = 0
    while same < min(len(chosen), len(rejected)) - 1 and chosen[same] == rejected[same]:
        same += 1
    if same == 0:
        raise BadRow("chosen and rejected do not begin with the same turn")
    prompt = with_system(chosen[:same], row, recipe, form)
    return _distinct({"prompt": prompt, "chosen": chosen[same:], "rejected": rejected[same:]})


def _common_start(chosen: Any, rejected: Any) -> Row:
    """Plain texts without a prompt, as in Anthropic's HH-RLHF: the prompt ends with the last `Assistant:`."""
    first, second = text_of(chosen, "chosen"), text_of(rejected, "rejected")
    same = next(
        (at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b),
        min(len(first), len(second)),
    )
    cut = first.rfind("Assistant:", 0, same)
    cut = cut + len("Assistant:") if cut >= 0 else first.rfind(" ", 0, same)
    if cut <= 0:
        raise BadRow("the prompt is missing", "chosen and rejected have no common beginning")
    return {"prompt": first[:cut], "chosen": first[cut:], "rejected": second[cut:]}


def _distinct(row: Row) -> Row:
    if row["chosen"] == row["rejected"]:
        raise BadRow("chosen and rejected are the same")
    return row
