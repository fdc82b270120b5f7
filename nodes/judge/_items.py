"""What is judged: a question, the answer to it, and the reference where there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from nodegraph import NodeFailure
from nodes.common.dataset import Row, read_rows, require_rows
from nodes.common.examples import as_turns, content_of, example_of

_ANSWERS = ("prediction", "response", "output", "answer", "completion", "text", "chosen")


@dataclass(frozen=True)
class Item:
    """One answer to judge, and the row it stands in."""

    question: str
    answer: str
    reference: str | None
    row: Row


def read_items(directory: Path, limit: int, fields: Mapping[str, str]) -> list[Item]:
    """The answers in a dataset; `fields` names prompt, answer and reference where names do not tell."""
    require_rows(directory, "samples")
    rows = islice(read_rows(directory), limit or None)
    return [_item(row, number, fields) for number, row in enumerate(rows, start=1)]


def _item(row: Row, number: int, fields: Mapping[str, str]) -> Item:
    found = _answer(row, number, fields)
    named = fields["reference"]
    reference = row.get(named or "reference")
    if named and named not in row:
        raise _missing(row, number, named, "reference_field")
    question = ""
    if fields["prompt"] or "text" not in row or "prompt" in row:
        question = example_of(row, number, fields["prompt"]).question
    return Item(question, found, None if reference is None else _text(reference, number), row)


def _answer(row: Row, number: int, fields: Mapping[str, str]) -> str:
    if named := fields["answer"]:
        if named not in row:
            raise _missing(row, number, named, "answer_field")
        return _text(row[named], number)
    known = next(
        (name for name in _ANSWERS if row.get(name) is not None and name != fields["reference"]), None
    )
    if known:
        return _text(row[known], number)
    if "messages" in row and (answer := example_of(row, number).reference) is not None:
        return answer
    raise NodeFailure(
        "input",
        f"Row {number} has no answer to judge; its fields are {', '.join(row) or '(none)'}.",
        "Name the field in answer_field, or wire the samples of evaluate.text.",
    )


def _text(value: Any, number: int) -> str:
    return content_of(as_turns(value, number)[-1]) if isinstance(value, list) else str(value)


def _missing(row: Row, number: int, name: str, param: str) -> NodeFailure:
    return NodeFailure(
        "input",
        f"Row {number} has no field {name}; its fields are {', '.join(row) or '(none)'}.",
        f"Set {param} to one of them.",
    )
