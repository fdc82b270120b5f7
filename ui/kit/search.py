"""A search field: tells what is typed while it is typed; "/" goes to it, Escape empties it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui.element import Element

from ui.kit.basics import div, el, icon, text

_EMPTY_ON_ESCAPE = """(event) => {
  if (event.key !== "Escape" || !event.target.value) return;
  event.target.value = "";
  event.target.dispatchEvent(new Event("input"));
}"""

# Enter also ends the choice of Chinese characters.
_ENTERED = """(event) => {
  if (event.key === "Enter" && !event.isComposing) emit(event.target.value);
}"""


def search(
    hint: str,
    on_change: Callable[[str], Any],
    *,
    classes: str = "",
    value: str = "",
    on_enter: Callable[[str], Any] | None = None,
) -> Element:
    """A search field. `on_change` hears the text a moment after the last key, `on_enter` at once."""
    box = div(f"input search {classes}")
    with box:
        icon("search", "s")
        field = el(
            "input", "", type="search", placeholder=hint, aria_label=hint, data_search="", value=value or None
        )
        field.on(
            "input", lambda event: on_change(str(event.args or "")),
            js_handler="(event) => emit(event.target.value)", throttle=0.12, leading_events=False,
        )  # fmt: skip
        field.on("keydown", js_handler=_EMPTY_ON_ESCAPE)
        if on_enter is not None:
            field.on("keydown", lambda event: on_enter(str(event.args or "")), js_handler=_ENTERED)
        text("/", "end", "kbd")
    return box
