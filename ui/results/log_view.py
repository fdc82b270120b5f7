"""The element that shows a log: follows its end until one scrolls up."""

from __future__ import annotations

from nicegui.element import Element

from ui.results.log_text import readable


class LogView(Element, component="log_view.js"):
    """The end of a log. Text only, whatever the bytes say."""

    def __init__(self, raw: bytes = b"", *, empty: str = "") -> None:
        super().__init__()
        self.classes("log")
        self.props["text"] = readable(raw)
        self.props["empty"] = empty

    def show(self, raw: bytes) -> None:
        """Show another log in place of the present one."""
        dict.__setitem__(self._props, "text", readable(raw))  # for whoever loads the page again; not sent now
        self.run_method("show", self._props["text"])

    def append(self, raw: bytes) -> None:
        """Add to the end."""
        if raw:
            self.run_method("append", readable(raw))
