"""Rows of a normalised dataset as examples: what a model is asked, and the answer that is expected of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from nodegraph import NodeFailure

Turns = list[dict[str, Any]]
PROMPT_FIELDS = ("prompt", "question", "instruction", "input")
ANSWER_FIELDS = ("completion", "reference", "answer", "label", "output", "response", "target", "chosen")


@dataclass(frozen=True)
class Example:
    """One question to a model: plain text or turns of a conversation, and the answer where there is one."""

    prompt: str | Turns
    reference: str | None = None
    tools: list[Any] | None = None
    row: dict[str, Any] = field(default_factory=dict)

    @property
    def question(self) -> str:
        """The prompt as text a person reads; the only turn of a conversation stands without its role."""
        if isinstance(self.prompt, str):
            return self.prompt
        if len(self.prompt) == 1:
            return content_of(self.prompt[0])
        return "\n".join(f"{turn.get('role', '')}: {content_of(turn)}" for turn in self.prompt)


def example_of(
    row: dict[str, Any], number: int, prompt_field: str = "", reference_field: str = ""
) -> Example:
    """The example in a row; `number` counts from 1 and names the row in errors.

    In `messages` the last assistant turn is the reference. Named fields win over those known by name.
    """
    if "messages" in row and not prompt_field:
        return _from_messages(row, number, reference_field)
    prompt = _field(row, number, prompt_field, PROMPT_FIELDS, "prompt_field")
    if prompt is None:
        raise NodeFailure(
            "input",
            f"Row {number} has no prompt; its fields are {', '.join(row) or '(none)'}.",
            "Name the field in prompt_field, or prepare the data with preprocess.load.",
        )
    answer = _field(row, number, reference_field, ANSWER_FIELDS, "reference_field")
    asked = as_turns(prompt, number) if isinstance(prompt, list) else str(prompt)
    return Example(asked, _as_text(answer, number), row.get("tools") or None, row)


def content_of(turn: dict[str, Any]) -> str:
    """The text of a turn; parts that are no text are left out."""
    content = turn.get("content")
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return "" if content is None else str(content)


def as_turns(value: Any, number: int) -> Turns:
    """`value` as turns of a conversation, or a failure that names the row."""
    if isinstance(value, list) and value and all(isinstance(turn, dict) and "role" in turn for turn in value):
        return value
    raise NodeFailure(
        "input",
        f"The conversation in row {number} is no list of turns with role and content.",
        "Prepare the data with preprocess.load; it reports each bad row.",
    )


def _from_messages(row: dict[str, Any], number: int, reference_field: str) -> Example:
    turns = as_turns(row["messages"], number)
    given = _field(row, number, reference_field, (), "reference_field")
    reference = _as_text(given, number)
    if turns[-1]["role"] == "assistant":
        reference = content_of(turns[-1]) if reference is None else reference
        turns = turns[:-1]
    if not turns:
        raise NodeFailure(
            "input",
            f"Row {number} has an answer, but nothing that was asked.",
            "Remove such rows, or put what was asked before the answer.",
        )
    return Example(turns, reference, row.get("tools") or None, row)


def _field(row: dict[str, Any], number: int, named: str, known: Iterable[str], param: str) -> Any:
    if named and named not in row:
        raise NodeFailure(
            "input",
            f"Row {number} has no field {named}; its fields are {', '.join(row) or '(none)'}.",
            f"Set {param} to one of them.",
        )
    names = [named] if named else known
    return next((row[name] for name in names if row.get(name) is not None), None)


def _as_text(value: Any, number: int) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, list):
        return content_of(as_turns(value, number)[-1])
    raise NodeFailure("input", f"The reference in row {number} is no text.", "Name another reference_field.")
