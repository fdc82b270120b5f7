"""A recipe says which column of a row holds which field; the usual shapes are recipes known by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from nodes.common.dataset import Row
from nodes.preprocess._load import names

Shape = Literal[
    "auto", "alpaca", "sharegpt", "messages", "prompt-completion", "question-answer", "query-response",
    "preference", "text", "prompt", "columns"
]  # fmt: skip
_ALSO = {"system": "system", "tools": "tools"}
_MAYBE: dict[str, Mapping[str, str]] = {
    "alpaca": {**_ALSO, "history": "history", "input": "input"}, "messages": _ALSO, "sharegpt": _ALSO
}  # fmt: skip
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Recipe:
    """Field to column, or to a template that names columns in braces, such as `{title}: {body}`.

    `maybe` are columns that the first rows lack, but later ones may have.
    """

    shape: str
    columns: Mapping[str, str]
    maybe: Mapping[str, str] = field(default_factory=dict)

    def value(self, row: Row, field: str) -> Any:
        """What `row` holds for `field`; None where the recipe or the row has no such column."""
        source = self.columns.get(field) or self.maybe.get(field)
        if source is None or source in row:
            return None if source is None else row[source]
        if is_template(source):
            return _PLACEHOLDER.sub(lambda found: _shown(row.get(found[1])), source)
        return None

    def used(self) -> frozenset[str]:
        """The columns that the fields are made of."""
        sources = (*self.columns.values(), *self.maybe.values())
        return frozenset(column for source in sources for column in columns_in(source))


def is_template(source: str) -> bool:
    """Whether a mapping's value names columns in braces."""
    return _PLACEHOLDER.search(source) is not None


def columns_in(source: str) -> list[str]:
    """The columns that a mapping's value names."""
    return _PLACEHOLDER.findall(source) if is_template(source) else [source]


def recipes_for(columns: Iterable[str]) -> list[Recipe]:
    """Every known shape that these columns could be, the more telling ones first."""
    known: dict[str, str] = {}
    for column in columns:
        known.setdefault(column.strip().lower(), column)
    common = _found(known, {"system": names.SYSTEM, "tools": names.TOOLS})
    history = _found(known, {"history": names.HISTORY})
    talks = [known[name] for name in names.CONVERSATIONS if name in known]
    pairs = _pairs(known)
    chosen = _found(known, {"chosen": names.CHOSEN, "rejected": names.REJECTED})
    found = []
    if len(chosen) == 2:
        found += [Recipe("preference", {"messages": talk, **chosen, **common}) for talk in talks]
        found += [Recipe("preference", {**fields, **chosen, **common}) for fields in _prompts(known)]
        found.append(Recipe("preference", {**chosen, **common}))
    for talk in talks:
        shape = "messages" if talk.strip().lower() == "messages" else "sharegpt"
        found.append(Recipe(shape, {"messages": talk, **common}))
    found += [Recipe(shape, {**fields, **common, **history}) for shape, fields in pairs]
    found += [Recipe("text", {"text": known[name]}) for name in names.TEXT if name in known]
    found += [Recipe("prompt", {**fields, **common}) for fields in _prompts(known)]
    found += [Recipe("prompt", {"prompt": talk, **common}) for talk in talks]
    return [replace(recipe, maybe=_MAYBE.get(recipe.shape, {})) for recipe in found]


def _pairs(known: Mapping[str, str]) -> list[tuple[str, dict[str, str]]]:
    found = []
    for shape, prompts, inputs, answers in names.PAIRS:
        fields = _found(known, {"prompt": prompts, "input": inputs, "completion": answers})
        if "prompt" in fields and "completion" in fields:
            found.append((shape, fields))
    return found


def _prompts(known: Mapping[str, str]) -> list[dict[str, str]]:
    pairs = [_found(known, {"prompt": prompts, "input": inputs}) for _, prompts, inputs, _ in names.PAIRS]
    unique: list[dict[str, str]] = []
    for fields in pairs:
        if "prompt" in fields and fields not in unique:
            unique.append(fields)
    return unique


def _found(known: Mapping[str, str], wanted: Mapping[str, Iterable[str]]) -> dict[str, str]:
    found = {}
    for name, spellings in wanted.items():
        column = next((known[spelling] for spelling in spellings if spelling in known), None)
        if column is not None:
            found[name] = column
    return found


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
