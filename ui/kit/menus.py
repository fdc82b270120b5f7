"""Menus: entries with an icon and, at the right, their key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from ui.kit.basics import div, icon, text
from ui.kit.buttons import disable
from ui.kit.handlers import lasting


@dataclass(frozen=True)
class Entry:
    """One line of a menu."""

    label: str
    on_click: Callable[[], Any]
    glyph: str = ""
    action: str | None = None
    key: str = ""
    danger: bool = False
    off: bool = False


def menu(entries: Sequence[Entry | None]) -> ui.menu:
    """A menu of the element one is in: a click on that opens it. None draws a line."""
    made = ui.menu().props("no-parent-event=false auto-close transition-duration=0").classes("ng-menu")
    with made, div("menu", role="menu"):
        for entry in entries:
            if entry is None:
                div("line")
            else:
                _entry(entry)
    return made


def _entry(entry: Entry) -> None:
    classes = "item danger" if entry.danger else "item"
    line = text("", classes, "button", type="button", role="menuitem", data_action=entry.action)
    disable(line, entry.off)
    line.on("click", lasting(entry.on_click), [])
    with line:
        if entry.glyph:
            icon(entry.glyph, "s")
        text(entry.label, "grow")
        if entry.key:
            text(entry.key, "", "kbd")
