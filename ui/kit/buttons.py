"""Buttons: plain, primary, ghost, danger; with a menu at the side; a choice of a few in a row."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Literal

from nicegui.element import Element

from ui.kit.basics import el, icon, text
from ui.kit.handlers import lasting

Kind = Literal["", "primary", "ghost", "danger"]
Handler = Callable[..., Any]


def button(
    label: str = "",
    on_click: Handler | None = None,
    *,
    kind: Kind = "",
    glyph: str = "",
    action: str | None = None,
    size: Literal["", "mini", "lg"] = "",
    tip: str | None = None,
    off: bool = False,
    classes: str = "",
    **attributes: Any,
) -> Element:
    """A button; without a label a square one whose `tip` names it.

    `action` is its stable `data-action`. `disable(element, True)` switches it off later on.
    """
    square = "" if label else "sq"
    made = el(
        "button", f"btn {kind} {size} {square} {classes}", type="button", data_action=action,
        title=tip, aria_label=None if label else tip, **attributes,
    )  # fmt: skip
    disable(made, off)
    if on_click is not None:
        made.on("click", lasting(on_click), [])
    with made:
        if glyph:
            icon(glyph, "t" if size == "mini" else "s" if label else "")
        if label:
            text(label)
    return made


def disable(element: Element, off: bool) -> None:
    """Switch a button off or on."""
    element.props["disabled"] = off
    element.classes(add="is-off") if off else element.classes(remove="is-off")


def split_button(main: Element, arrow: Element) -> Element:
    """Two buttons as one: what is mostly wanted, and a menu of the rest. Give it buttons made just before."""
    group = el("span", "split")
    main.move(group)
    arrow.move(group)
    return group


def segmented(
    options: Mapping[str, str], value: str, on_change: Callable[[str], Any], *, action: str | None = None
) -> Element:
    """A choice of one among few, side by side; options are labels by value."""
    group = el("div", "seg", role="radiogroup", data_action=action)
    made: dict[str, Element] = {}

    def choose(chosen: str) -> Any:
        for name, segment in made.items():
            _mark(segment, name == chosen)
        return on_change(chosen)

    with group:
        for name, label in options.items():
            segment = text(label, "", "button", type="button", role="radio", data_value=name)
            _mark(segment, name == value)
            segment.on("click", lasting(functools.partial(choose, name)), [])
            made[name] = segment
    return group


def _mark(segment: Element, on: bool) -> None:
    segment.classes(add="on") if on else segment.classes(remove="on")
    segment.props["aria-checked"] = "true" if on else "false"
