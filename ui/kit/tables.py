"""Tables: a head, rows, numbers at the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nicegui import ui
from nicegui.element import Element

from ui.kit.basics import el, text
from ui.kit.handlers import lasting


def table(heads: Sequence[str], *, right: Sequence[int] = (), classes: str = "") -> Element:
    """A table with these heads; enter it to add rows. `right`: the columns whose text stands at the right."""
    made = el("table", classes)
    with made:
        with el("thead"), el("tr"):
            for index, head in enumerate(heads):
                text(head, "r" if index in right else "", "th")
        return el("tbody")


def row(target: str | None = None, on_click: Callable[[], Any] | None = None, **attributes: Any) -> Element:
    """A row; with a target, a click anywhere on it opens that page. Cells are `td` elements."""
    made = el("tr", "click" if target or on_click else "", **attributes)
    if target is not None:
        made.on("click", lambda: ui.navigate.to(target), [])
    elif on_click is not None:
        made.on("click", lasting(on_click), [])
    return made
