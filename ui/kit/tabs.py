"""Tabs: one of several views of the same thing."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from nicegui.element import Element

from ui.kit.basics import el, text
from ui.kit.handlers import lasting
from ui.kit.states import count


def tabs(
    labels: Mapping[str, str],
    value: str,
    on_change: Callable[[str], Any],
    *,
    counts: Mapping[str, int] | None = None,
) -> Element:
    """A row of tabs; labels by name. `counts` shows a number behind some of them."""
    made: dict[str, Element] = {}

    def choose(chosen: str) -> Any:
        for name, tab in made.items():
            _mark(tab, name == chosen)
        return on_change(chosen)

    bar = el("div", "tabs", role="tablist")
    with bar:
        for name, label in labels.items():
            tab = el("button", "", type="button", role="tab", data_tab=name)
            tab.on("click", lasting(functools.partial(choose, name)), [])
            with tab:
                text(label)
                if counts and counts.get(name):
                    count(counts[name])
            _mark(tab, name == value)
            made[name] = tab
    return bar


def _mark(tab: Element, on: bool) -> None:
    tab.classes(add="on") if on else tab.classes(remove="on")
    tab.props["aria-selected"] = "true" if on else "false"
