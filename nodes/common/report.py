"""A report artifact: report.json for programs, report.md for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

JSON = "report.json"
MARKDOWN = "report.md"


def write_report(directory: Path, facts: dict[str, Any], markdown: str) -> None:
    """Write both files of a report."""
    directory.mkdir(parents=True, exist_ok=True)
    text = json.dumps(facts, ensure_ascii=False, indent=2)
    (directory / JSON).write_text(text + "\n", encoding="utf-8")
    (directory / MARKDOWN).write_text(markdown.rstrip() + "\n", encoding="utf-8")


def read_report(directory: Path) -> dict[str, Any]:
    """The facts of a report."""
    facts: dict[str, Any] = json.loads((directory / JSON).read_text(encoding="utf-8"))
    return facts


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table in Markdown; bars and line breaks in cells cannot break it."""
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    text = str(value).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
    return " ".join(text.split())
