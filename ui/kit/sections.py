"""Sections of a form that fold; which are open is remembered by the browser."""

from __future__ import annotations

from nicegui.element import Element


class Section(Element, component="section.js"):
    """A titled part that folds; enter it to fill it. `name` is what it is remembered by."""

    def __init__(self, title: str, *, name: str, starts_open: bool = False) -> None:
        super().__init__()
        self._props["title"] = title
        self._props["name"] = name
        self._props["starts-open"] = starts_open
        self._props["badge"] = self._props["severity"] = self._props["note"] = ""

    def show_badge(self, count: int, *, bad: bool) -> None:
        """Show how many problems are inside; none hides the badge."""
        self._show(badge=str(count) if count else "", severity="bad" if bad else "warn")

    def show_note(self, note: str) -> None:
        """Say something beside the title while it is folded."""
        self._show(note=note)

    def reveal(self) -> None:
        """Unfold it for now."""
        self.run_method("reveal")

    def _show(self, **props: str) -> None:
        if any(self._props[name] != value for name, value in props.items()):
            self._props.update(props)
