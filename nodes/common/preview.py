"""What a node shows of its results: small blocks that the editor and the command line know how to draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Block = dict[str, Any]
MAX_CELL = 400


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Block:
    """A table; long cells are cut."""
    return {
        "type": "table",
        "title": title,
        "columns": list(columns),
        "rows": [[_cell(cell) for cell in row] for row in rows],
    }


def values(title: str, pairs: Mapping[str, Any]) -> Block:
    """Named numbers or words, one a line."""
    return {"type": "values", "title": title, "values": dict(pairs)}


def text(title: str, content: str) -> Block:
    """Plain text."""
    return {"type": "text", "title": title, "text": content}


def chart(
    title: str, series: Mapping[str, tuple[Sequence[float], Sequence[float]]], x: str = "step"
) -> Block:
    """Line chart: for each series its x and y values."""
    return {
        "type": "chart",
        "title": title,
        "x": x,
        "series": [{"name": name, "x": list(xs), "y": list(ys)} for name, (xs, ys) in series.items()],
    }


def _cell(value: Any) -> Any:
    if isinstance(value, (int, float, bool)) or value is None:
        return value
    shown = str(value)
    return shown if len(shown) <= MAX_CELL else shown[: MAX_CELL - 1] + "…"
