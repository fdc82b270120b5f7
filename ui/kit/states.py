"""What something is like: state chips, tags, counts, messages, empty and loading states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from nicegui.element import Element

from ui.i18n import t
from ui.kit.basics import div, el, icon, text
from ui.kit.buttons import button

# A state is shown by icon, word and colour together.
STATE_ICONS = {
    "draft": "circle-dashed", "queued": "clock", "running": "loader-circle", "succeeded": "circle-check",
    "cached": "history", "failed": "octagon-x", "cancelled": "ban", "skipped": "skip-forward",
    "stale": "refresh-cw",
}  # fmt: skip


def chip(state: str, word: str | None = None) -> Element:
    """A state as a chip; `word` replaces the state's own word."""
    made = el("span", "chip", data_state=state)
    with made:
        icon(STATE_ICONS.get(state, "circle-dashed"), "t")
        text(t(state) if word is None else word)
    return made


def tag(label: Any, *, on: bool = False, glyph: str = "") -> Element:
    """A small label with a border."""
    made = el("span", "tag on" if on else "tag")
    with made:
        if glyph:
            icon(glyph, "t")
        text(label)
    return made


def count(number: int) -> Element:
    """A number in a small round field."""
    return text(f"{number:,}", "count")


def message(sentence: str, kind: Literal["info", "warning", "error"] = "info") -> Element:
    """A sentence on a tinted ground, with its icon."""
    state = {"info": "running", "warning": "stale", "error": "failed"}[kind]
    glyph = {"info": "info", "warning": "triangle-alert", "error": "circle-alert"}[kind]
    made = el("div", "msg", data_state=state, role="alert" if kind == "error" else "status")
    with made:
        icon(glyph, "s")
        text(sentence, "grow")
    return made


def empty(
    glyph: str,
    title: str,
    sentence: str,
    label: str = "",
    on_click: Callable[[], Any] | None = None,
    **button_options: Any,
) -> Element:
    """What stands where there is nothing yet: what it is, and the one thing to do about it."""
    made = div("empty")
    with made:
        icon(glyph, "l")
        text(title, "", "b")
        text(sentence, "", "p")
        if label:
            button(label, on_click, **button_options)
    return made


def skeleton(rows: int = 4) -> Element:
    """Grey bars in place of what is being loaded."""
    made = div("skeleton", aria_busy="true")
    with made:
        for index in range(rows):
            div("skel").style(f"width: {(40, 100, 86, 62)[index % 4]}%")
    return made


def progress_bar(fraction: float | None, state: str = "running") -> Element:
    """A bar; None moves without saying how far."""
    made = el("span", "bar" if fraction is not None else "bar unknown", data_state=state, role="progressbar")
    with made:
        el("i").style(f"width: {100 * (fraction if fraction is not None else 0.3):.1f}%")
    return made
