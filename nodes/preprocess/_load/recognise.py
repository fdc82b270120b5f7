"""Chooses the recipe for a file: by hand through a mapping, else the known shape that fits its first rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from nodegraph import NodeFailure
from nodegraph.suggest import nearest
from nodes.common.dataset import Row
from nodes.preprocess._load.fields import Form
from nodes.preprocess._load.names import FIELD_SYNONYMS
from nodes.preprocess._load.normalise import normalise
from nodes.preprocess._load.recipes import Recipe, columns_in, recipes_for
from nodes.preprocess._load.record import BadRow

# A shape is taken where it fits at least this share of the rows that the best one fits.
_FIT = 0.2
_HAN = re.compile(r"[\u3400-\u9fff]")
_SAME = {"messages": "sharegpt"}


def recognise(name: str, sample: Sequence[Any], shape: str, mapping: Mapping[str, str]) -> Recipe:
    """The recipe for a file whose first rows are `sample`; fails with the columns where there is none."""
    rows = [{"text": value} if isinstance(value, str) else value for value in sample]
    rows = [row for row in rows if isinstance(row, dict)]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    if mapping:
        return _by_hand(name, columns, mapping)
    known = recipes_for(columns)
    if shape not in ("auto", "columns"):
        known = [recipe for recipe in known if _same_shape(recipe.shape, shape)]
    recipe = _best(known, rows) if shape != "columns" else None
    if recipe is None and shape in ("auto", "columns"):
        recipe = _as_columns(columns, rows, forced=shape == "columns")
    if recipe is None:
        raise _unknown(name, columns, rows, shape)
    return recipe


def _by_hand(name: str, columns: list[str], mapping: Mapping[str, str]) -> Recipe:
    for source in mapping.values():
        for column in [source] if source in columns else columns_in(source):
            if column not in columns:
                near = nearest(column, columns)
                raise NodeFailure(
                    "input",
                    f"The mapping names the column {column}, but {name} has {_listed(columns)}.",
                    f"Did you mean {near}?" if near else "Change the mapping.",
                )
    return Recipe("mapping", {FIELD_SYNONYMS.get(field, field): source for field, source in mapping.items()})


def _same_shape(found: str, wanted: str) -> bool:
    return _SAME.get(found, found) == _SAME.get(wanted, wanted) or (found, wanted) in _COUNTS_AS


_COUNTS_AS = {
    ("query-response", "prompt-completion"), ("question-answer", "prompt-completion"),
    ("alpaca", "prompt-completion")
}  # fmt: skip


def _best(known: list[Recipe], rows: list[Row]) -> Recipe | None:
    fits = [sum(_fits(row, recipe) for row in rows) for recipe in known]
    if not known:
        return None
    enough = max(1, _FIT * max(fits))
    return next((recipe for recipe, fit in zip(known, fits, strict=True) if fit >= enough), known[0])


def _fits(row: Row, recipe: Recipe) -> bool:
    try:
        normalise(row, recipe, Form())
    except BadRow:
        return False
    return True


def _as_columns(columns: list[str], rows: list[Row], *, forced: bool) -> Recipe | None:
    """The first column of real text as the prompt, with all columns kept."""
    for column in columns:
        texts = [row[column] for row in rows if isinstance(row.get(column), str) and row[column].strip()]
        if texts and 2 * len(texts) >= len(rows) and (forced or _is_prose(texts)):
            return Recipe("columns", {"prompt": column})
    return None


def _is_prose(texts: list[str]) -> bool:
    """Whether texts are sentences rather than labels or codes: long enough, with spaces or Chinese."""
    weight = sum(len(text) + 2 * len(_HAN.findall(text)) for text in texts) / len(texts)
    worded = sum(" " in text.strip() or bool(_HAN.search(text)) for text in texts)
    return weight >= 20 and 2 * worded >= len(texts)


def _unknown(name: str, columns: list[str], rows: list[Row], shape: str) -> NodeFailure:
    if not columns:
        return NodeFailure("input", f"{name} holds values, not rows with named fields.", "Give JSON objects.")
    what = "is in no shape that is recognised" if shape == "auto" else f"is not in the shape {shape}"
    message = f"{name} {what}; its columns are {_listed(columns)}."
    if len(columns) == 1:
        return NodeFailure("input", message, f"Say what it holds, such as mapping: {{text: {columns[0]}}}.")
    first, second = columns[:2]
    return NodeFailure(
        "input",
        message,
        f"Say which column holds what, such as mapping: {{prompt: {first}, completion: {second}}}, "
        f"or {{text: {first}}}; columns can be joined: {{prompt: '{{{first}}} {{{second}}}'}}.",
    )


def _listed(columns: list[str]) -> str:
    shown = ", ".join(columns[:20])
    return f"{shown}, … ({len(columns)} in all)" if len(columns) > 20 else shown or "(none)"
