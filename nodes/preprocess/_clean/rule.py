"""A cleaning rule: it changes a row, removes it, or leaves it alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nodes.common.dataset import Row

EXAMPLES = 5
_SHOWN = 200
_LEAD = 60


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

    @property
    def wants_examples(self) -> bool:
        """Whether there are still too few."""
        return len(self.examples) < EXAMPLES

    def note(self, number: int, before: str, after: str) -> None:
        """Keep a row that the rule touched as an example."""
        self.examples.append({"row": number, "before": short(before), "after": short(after)})

    def facts(self) -> dict[str, Any]:
        """What the report says of this rule."""
        return {
            "rule": self.name, "title": self.title, "removed": self.removed, "changed": self.changed,
            "details": self.details, "examples": self.examples,
        }  # fmt: skip


def around_change(before: str, after: str) -> tuple[str, str]:
    """Both texts from shortly before the place where they begin to differ."""
    pairs = zip(before, after, strict=False)
    # Texts in which personal data is masked may be the same: then the first mask is what is worth seeing.
    same = max(0, after.find("[")) if before == after else min(len(before), len(after))
    place = next((at for at, (a, b) in enumerate(pairs) if a != b), same)
    start = max(0, place - _LEAD)
    mark = "…" if start else ""
    return mark + before[start:], mark + after[start:]


def short(text: str) -> str:
    """The beginning of a text, for tables."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
