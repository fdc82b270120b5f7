"""A record as it was read: its place in the file and its value, or what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class BadRow(Exception):
    """One row cannot be used: a reason that many rows may share, and what is special about this one."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Record:
    """A value with its line and row number, from 1; where `fault` is set there is no value."""

    value: Any = None
    line: int | None = None
    row: int | None = None
    fault: BadRow | None = None

    @property
    def place(self) -> str:
        """Where it stands in its file, in words."""
        parts = [f"row {self.row}"] if self.row else []
        return ", ".join([*parts, *([f"line {self.line}"] if self.line else [])])
