"""Reads what is evaluated: examples to answer, or whole texts whose likelihood is measured."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from nodegraph import NodeFailure
from nodes.common.dataset import read_rows, require_rows
from nodes.common.examples import Example, Turns, content_of, example_of


def read_examples(
    directory: Path, *, limit: int, prompt_field: str, reference_field: str, system: str, form: str
) -> list[Example]:
    """The examples of a dataset; a row of running text has an empty prompt and is its own reference."""
    require_rows(directory)
    rows = islice(read_rows(directory), limit or None)
    named = (prompt_field, reference_field)
    found = []
    for number, row in enumerate(rows, start=1):
        if is_text(row) and not prompt_field:
            found.append(Example("", str(row["text"]), None, row))
        else:
            found.append(_formed(example_of(row, number, *named), system, form))
    return found


def is_text(row: dict[str, Any]) -> bool:
    """Whether a row is running text: nothing is asked in it."""
    return "text" in row and "prompt" not in row and "messages" not in row


def references_of(examples: list[Example], asked_for: str) -> list[str]:
    """The reference of each example; fails where `asked_for` needs them and some are missing."""
    missing = [number for number, example in enumerate(examples, start=1) if example.reference is None]
    if missing:
        raise NodeFailure(
            "input",
            f"{asked_for} needs a reference for every row; {len(missing)} of {len(examples)} rows have none, "
            f"the first is row {missing[0]}.",
            "Name the field that holds the answers in reference_field, or ask for metrics that need none.",
        )
    return [example.reference or "" for example in examples]


def _formed(example: Example, system: str, form: str) -> Example:
    prompt = example.prompt
    if form == "plain":
        text = example.question
        return replace(example, prompt=f"{system}\n\n{text}" if system else text)
    if isinstance(prompt, str) and (form == "chat" or system):
        prompt = [{"role": "user", "content": prompt}]
    return replace(example, prompt=_with_system(prompt, system))


def _with_system(prompt: str | Turns, system: str) -> str | Turns:
    if isinstance(prompt, str) or not system:
        return prompt
    rest = prompt[1:] if prompt[0]["role"] == "system" else prompt
    return [{"role": "system", "content": system}, *rest]


def shown(prompt: str | Turns) -> str | Turns:
    """The prompt as it stands in the samples: text, or turns with role and content."""
    if isinstance(prompt, str):
        return prompt
    return [{"role": str(turn["role"]), "content": content_of(turn)} for turn in prompt]
