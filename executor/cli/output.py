"""What commands print: one JSON object on standard output, problems and errors on standard error, tables."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from executor.services.durations import duration as duration
from nodegraph.errors import InvalidInput, NodeGraphError
from nodegraph.problems import Problem


def print_json(value: Any) -> None:
    """One JSON object on standard output, and nothing else."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")


def print_error(error: NodeGraphError, *, as_json: bool = False) -> None:
    """What happened, each problem with its place, and what to do next, on standard error.

    With `as_json` the same also as one JSON object on standard output: {error: {message, hint}, problems}.
    """
    problems = error.problems if isinstance(error, InvalidInput) else []
    if as_json:
        listed = [problem.model_dump(exclude_none=True) for problem in problems]
        print_json({"error": {"message": error.message, "hint": error.hint}, "problems": listed})
    _say(f"error: {error.message}")
    print_problems(problems)
    if error.hint:
        _say(f"  → {error.hint}")


def print_problems(problems: Iterable[Problem]) -> None:
    """Each problem with its place on one line, its hint below."""
    for problem in problems:
        place = ".".join(part for part in (problem.node, problem.port or problem.param) if part)
        where = ", ".join(part for part in (f"line {problem.line}" if problem.line else "", place) if part)
        _say(f"  {problem.severity}: {f'{where}: ' if where else ''}{problem.message} [{problem.code}]")
        if problem.hint:
            _say(f"    → {problem.hint}")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Aligned columns under their titles."""
    print("\n".join(aligned([columns, *rows])))


def aligned(rows: Iterable[Sequence[object]]) -> list[str]:
    """Each row as a line, its cells under those of the others; the last cell is not padded."""
    table = [[_plain(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
    padded = (
        [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        for row in table
    )
    return ["  ".join(cells).rstrip() for cells in padded]


def size(count: int) -> str:
    """Bytes in words a person reads."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def printable(text: str) -> str:
    """`text` without control characters: a title or a message never moves the cursor or rings the bell."""
    return "".join(char if char.isprintable() else " " for char in text)


def _plain(cell: object) -> str:
    return "" if cell is None else printable(str(cell))


def _width(text: str) -> int:
    # Chinese characters and full-width punctuation take two columns.
    return sum(2 if "\u1100" <= char <= "\uffdc" and not "\u2000" <= char <= "\u2e7f" else 1 for char in text)


def _say(text: str) -> None:
    print(printable(text), file=sys.stderr)
