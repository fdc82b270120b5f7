"""Draws the blocks that a node shows of its result: tables, values, texts, charts."""

from __future__ import annotations

from typing import Any

from ui import kit, plots
from ui.i18n import t, t_message
from ui.results.units import number

Block = dict[str, Any]
_MOST_ROWS = 50


def draw(block: Block) -> None:
    """One block under its title; a kind that is not known is left out."""
    drawer = {"table": _table, "values": _values, "text": _text, "chart": _chart}.get(block.get("type", ""))
    if drawer is None:
        return
    with kit.div("block", data_block=block["type"]):
        if block.get("title"):
            kit.text(t_message(str(block["title"])), "", "h3")
        drawer(block)


def _table(block: Block) -> None:
    rows = block.get("rows", [])
    columns = [str(column) for column in block.get("columns", [])]
    right = [
        i for i in range(len(columns)) if rows and all(_is_number(row[i]) for row in rows if i < len(row))
    ]
    with kit.div("scroll"), kit.table(columns, right=right, classes="cells"):
        for row in rows[:_MOST_ROWS]:
            with kit.row():
                for i, cell in enumerate(row):
                    kit.text(number(cell), "r" if i in right else "cell", "td", title=_tip(cell))
    if len(rows) > _MOST_ROWS:
        kit.text(t("{n} of {total} rows", n=_MOST_ROWS, total=f"{len(rows):,}"), "dim xs", "p")


def _values(block: Block) -> None:
    with kit.el("dl", "values"):
        for name, value in block.get("values", {}).items():
            kit.text(said(str(name)), "dim", "dt")
            kit.text(number(value), "", "dd")


def said(name: str) -> str:
    """A name as it is shown: that of a metric or a field is data, a reason in words is translated."""
    return name if name.isidentifier() else t_message(name)


def _text(block: Block) -> None:
    kit.text(block.get("text", ""), "textbox", "pre")


def _chart(block: Block) -> None:
    series = {str(one["name"]): (one["x"], one["y"]) for one in block.get("series", [])}
    plots.legend({name: number(ys[-1]) if ys else "" for name, (_, ys) in series.items()})
    plots.Plot(plots.lines(series, x=str(block.get("x", ""))), label=str(block.get("title", "")))


def _is_number(cell: Any) -> bool:
    return cell is None or (isinstance(cell, (int, float)) and not isinstance(cell, bool))


def _tip(cell: Any) -> str | None:
    return cell if isinstance(cell, str) and len(cell) > 40 else None
