"""A box that stays at its end while it grows."""

from __future__ import annotations

from nicegui.element import Element


class Scroller(Element, component="scroller.js"):
    """Enter it to fill it; it follows its end until the reader scrolls up."""

    def to_end(self) -> None:
        """Go to the end, wherever the reader is."""
        self.run_method("to_end")
