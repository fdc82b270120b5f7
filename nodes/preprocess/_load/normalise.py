"""Turns a row of any known shape into one of TRL's standard forms, or says why it cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nodes.common.dataset import Purpose, Row
from nodes.preprocess._load.cells import with_unpacked
from nodes.preprocess._load.fields import (
    Form,
    answer_turns,
    history_turns,
    question_of,
    system_of,
    with_system,
)
from nodes.preprocess._load.preference import preference
from nodes.preprocess._load.recipes import Recipe
from nodes.preprocess._load.record import BadRow
from nodes.preprocess._load.turns import Turn, kind_of, tools_of, turns_of
from nodes.preprocess._load.values import first_of, plain, text_of

STANDARD = frozenset({"text", "prompt", "completion", "messages", "chosen", "rejected", "tools"})


def normalise(value: Any, recipe: Recipe, form: Form) -> Row:
    """One row in standard form; BadRow says why there is none."""
    row = {"text": value} if isinstance(value, str) else value
    if not isinstance(row, dict):
        raise BadRow(f"the row is {kind_of(value)}", "a row is an object with named fields")
    row = with_unpacked(row, recipe)
    made = _MAKERS[_maker(recipe)](row, recipe, form)
    if tools := tools_of(recipe.value(row, "tools")):
        made["tools"] = tools
    return {**made, **_further(row, recipe, form, set(made))}


def purpose_of_recipe(recipe: Recipe) -> Purpose:
    """The purpose of the rows that a recipe makes."""
    purposes: dict[str, Purpose] = {
        "preference": "preference", "messages": "messages", "pair": "prompt-completion", "text": "text"
    }  # fmt: skip
    return purposes.get(_maker(recipe), "prompt")


def _maker(recipe: Recipe) -> str:
    fields = recipe.columns.keys()
    if "chosen" in fields:
        return "preference"
    if "messages" in fields:
        return "messages"
    if "completion" in fields:
        return "pair"
    return "text" if "text" in fields else "prompt"


def _text(row: Row, recipe: Recipe, _form: Form) -> Row:
    return {"text": _filled(row, recipe, "text")}


def _prompt(row: Row, recipe: Recipe, form: Form) -> Row:
    asked = recipe.value(row, "prompt")
    if isinstance(asked, list):
        return {"prompt": with_system(turns_of(asked, recipe.columns["prompt"]), row, recipe, form)}
    return {"prompt": _lone_prompt(question_of(row, recipe), row, recipe, form)}


def _pair(row: Row, recipe: Recipe, form: Form) -> Row:
    asked, answer = recipe.value(row, "prompt"), recipe.value(row, "completion")
    if isinstance(asked, list):
        turns = with_system(turns_of(asked, recipe.columns["prompt"]), row, recipe, form)
        return {"prompt": turns, "completion": answer_turns(answer, recipe, "completion")}
    if isinstance(answer, list) and answer and isinstance(answer[0], dict):
        answer = turns_of(answer, recipe.columns["completion"])[-1]["content"]
    question = question_of(row, recipe)
    completion = text_of(first_of(answer), recipe.columns["completion"])
    earlier = history_turns(recipe.value(row, "history"))
    if earlier or system_of(row, recipe, form):
        turns = with_system([*earlier, {"role": "user", "content": question}], row, recipe, form)
        return {"prompt": turns, "completion": [{"role": "assistant", "content": completion}]}
    return {"prompt": question, "completion": completion}


def _messages(row: Row, recipe: Recipe, form: Form) -> Row:
    name = recipe.columns["messages"]
    turns = turns_of(recipe.value(row, "messages"), name)
    if all(turn["role"] != "assistant" for turn in turns):
        raise BadRow(f"{name} has no turn of the assistant")
    return {"messages": with_system(turns, row, recipe, form)}


def _lone_prompt(text: str, row: Row, recipe: Recipe, form: Form) -> str | list[Turn]:
    if not system_of(row, recipe, form):
        return text
    return with_system([{"role": "user", "content": text}], row, recipe, form)


def _filled(row: Row, recipe: Recipe, field: str) -> str:
    name = recipe.columns[field]
    text = text_of(recipe.value(row, field), name)
    if not text.strip():
        raise BadRow(f"{name} is empty")
    return text


def _further(row: Row, recipe: Recipe, form: Form, made: set[str]) -> Row:
    if form.keep == "none":
        return {}
    used = recipe.used() if recipe.shape != "columns" else frozenset()
    found = {}
    for name, value in row.items():
        several_answers = isinstance(value, (list, dict)) and recipe.columns.get("completion") == name
        if name in used and not several_answers:
            continue
        if name in STANDARD or name in made:
            if form.keep == "all":
                found[f"original_{name}"] = plain(value)
        elif form.keep == "all" or _is_simple(value):
            found[name] = plain(value)
    return found


def _is_simple(value: Any) -> bool:
    items = value if isinstance(value, list) else [value]
    return not any(isinstance(item, (dict, list, bytes)) for item in items)


_MAKERS: dict[str, Callable[[Row, Recipe, Form], Row]] = {
    "preference": preference, "messages": _messages, "pair": _pair, "text": _text, "prompt": _prompt
}  # fmt: skip
