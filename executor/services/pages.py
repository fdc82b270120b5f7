"""A dataset's rows page by page: each page says where the next begins, so none reads what is before it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from executor.services.samples import as_row, cell

_LONGEST = 1 << 20


@dataclass(frozen=True)
class RowsPage:
    """Rows as cells, and the byte offset of the row after them; None at the end."""

    columns: list[str]
    rows: list[list[Any]]
    next: int | None


def read_page(path: Path, offset: int, limit: int) -> RowsPage:
    """Rows of a JSON Lines file from `offset`, which is the beginning of a row."""
    found: list[dict[str, Any]] = []
    with path.open("rb") as file:
        file.seek(offset)
        while len(found) < limit and (line := file.readline(_LONGEST)):
            if line.strip():
                found.append(_row(line))
            while not line.endswith(b"\n") and (line := file.readline(_LONGEST)):
                pass  # the rest of a row that is too long to be shown
        more = file.read(1) != b""
        end = file.tell() - 1 if more else None
    columns = list(dict.fromkeys(key for row in found for key in row))
    return RowsPage(columns, [[cell(row.get(column)) for column in columns] for row in found], end)


def _row(line: bytes) -> dict[str, Any]:
    try:
        return as_row(json.loads(line))
    except (ValueError, RecursionError):
        return {"text": line.decode("utf-8", "replace").rstrip("\n")}
