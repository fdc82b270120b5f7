"""Figures as plain data. Colours are named by token, `var(--c1)`: the page fills in those of its theme."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

Figure = dict[str, Any]
COLOURS = tuple(f"var(--c{number})" for number in range(1, 6))
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")


def inert(text: Any) -> str:
    """A text that Plotly shows as it is: it would take `<b>` and `<a>` for markup."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;")


def lines(
    series: Mapping[str, tuple[Sequence[Any], Sequence[float]]],
    *,
    x: str = "",
    y: str = "",
    marks: bool = False,
) -> Figure:
    """Lines over a common x axis; each has the next colour and dash. Points that are not finite are gaps."""
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers" if marks or len(xs) < 2 else "lines",
            "name": inert(name),
            "x": list(xs),
            "y": [value if math.isfinite(value) else None for value in ys],
            "line": {"color": COLOURS[i % 5], "dash": DASHES[i % 5], "width": 1.75},
            "marker": {"size": 5},
        }
        for i, (name, (xs, ys)) in enumerate(series.items())
    ]
    return {"data": data, "layout": {"xaxis": {"title": _title(x)}, "yaxis": {"title": _title(y)}}}


def bars(
    series: Mapping[str, Sequence[float]],
    over: Sequence[Any],
    *,
    colours: Sequence[str] = COLOURS,
    y: str = "",
) -> Figure:
    """Stacked bars over common places; `colours` in the order of the series."""
    data = [
        {
            "type": "bar",
            "name": inert(name),
            "x": [inert(place) if isinstance(place, str) else place for place in over],
            "y": list(values),
            "marker": {"color": colours[i % len(colours)]},
        }
        for i, (name, values) in enumerate(series.items())
    ]
    return {"data": data, "layout": {"barmode": "stack", "bargap": 0.35, "yaxis": {"title": _title(y)}}}


def _title(text: str) -> dict[str, str]:
    return {"text": inert(text)}
