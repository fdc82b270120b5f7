"""A cleaning rule: it changes a row, removes it, or leaves it alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nodes.common.dataset import Row

EXAMPLES = 5
_SHOWN = 200


class Removed(Exception):
    """The row goes; the message is the reason that the report gives with the example."""


@dataclass
class Rule:
    """A name for the report, words for people, and what it does: the row, changed or not, or Removed.

    `row_number` is that of the row at hand, for rules that refer to rows.
    """

    name: str
    title: str
    apply: Callable[[Row], Row]
    row_number: int = 0
    removed: int = 0
    changed: int = 0
    details: dict[str, int] = field(default_factory=dict)
    examples: list[dict[str, Any]] = field(default_factory=list)

    def note(self, number: int, before: str, after: str) -> None:
        """Keep one of the first rows that the rule touched as an example."""
        if len(self.examples) < EXAMPLES:
            self.examples.append({"row": number, "before": _short(before), "after": _short(after)})

    def facts(self) -> dict[str, Any]:
        """What the report says of this rule."""
        return {
            "rule": self.name, "title": self.title, "removed": self.removed, "changed": self.changed,
            "details": self.details, "examples": self.examples,
        }  # fmt: skip


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
