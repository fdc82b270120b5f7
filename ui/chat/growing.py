"""A paragraph whose text grows."""

from __future__ import annotations

from nicegui.element import Element


class Growing(Element, component="growing.js"):
    """Text only, whatever it says. `grow` takes a text that begins with the present one."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.props["text"] = text
        self._length = len(text)

    def grow(self, text: str) -> None:
        """Show a longer text."""
        if len(text) > self._length:
            # The property stays as it was: it may not have been sent yet, and would hold this piece, too.
            self.run_method("append", text[self._length :])
            self._length = len(text)
