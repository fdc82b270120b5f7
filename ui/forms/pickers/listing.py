"""A list to choose one entry of: a glyph, a name, facts at the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui.element import Element

from ui import kit


@dataclass(frozen=True)
class Choice:
    """One entry: what it gives, what it is called, what is known of it."""

    value: str
    title: str
    note: str = ""
    facts: tuple[str, ...] = ()
    glyph: str = "database"


class Listing:
    """Entries of which one is chosen; `on_choose(value)` hears which."""

    def __init__(self, choices: Sequence[Choice], value: str, on_choose: Callable[[str], Any]) -> None:
        self._lines: dict[str, Element] = {}
        self._on_choose = on_choose
        with kit.div("pick-list", role="listbox"):
            for choice in choices:
                self._lines[choice.value] = self._line(choice)
        self.mark(value)

    def mark(self, value: str) -> None:
        """Show which one is chosen."""
        for name, line in self._lines.items():
            on = name == value
            line.classes(add="on") if on else line.classes(remove="on")
            line.props["aria-selected"] = "true" if on else "false"

    def _line(self, choice: Choice) -> Element:
        line = kit.el("button", "pick-line", type="button", role="option", data_value=choice.value)
        line.on("click", lambda: self._choose(choice.value), [])
        with line:
            kit.icon(choice.glyph, "s")
            kit.text(choice.title, "cut", title=choice.title)
            if choice.note:
                kit.text(choice.note, "dim cut")
            with kit.el("span", "pick-facts"):
                for fact in choice.facts:
                    kit.text(fact, "dim nw")
        return line

    def _choose(self, value: str) -> Any:
        self.mark(value)
        return self._on_choose(value)
