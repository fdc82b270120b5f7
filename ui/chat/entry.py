"""A field to type into that keeps what is typed, whatever else changes on the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from ui.kit import showable
from ui.kit.fields import FIELD_PARTS


class Entry(Element, component="entry.js", esm=FIELD_PARTS):
    """A field; `on_typed` hears its text after each change, `on_send` at Enter or `submit`.

    What is typed while the server is dead is there with the next one, in the field with the same `draft`.
    """

    def __init__(
        self,
        value: str = "",
        *,
        lines: int = 1,
        label: str = "",
        hint: str = "",
        longest: int = 1_000,
        draft: str = "",
        on_typed: Callable[[str], Any] | None = None,
        on_send: Callable[[str], Any] | None = None,
        **attributes: Any,
    ) -> None:
        super().__init__()
        self.classes("input box" if lines > 1 else "input")
        self.props["value"], self.props["lines"], self.props["sends"] = value, lines, on_send is not None
        self.props["draft"] = draft
        self.props["aria-label"], self.props["placeholder"] = label or hint, hint
        self.props["maxlength"] = longest
        for name, content in attributes.items():
            self.props[name.replace("_", "-")] = content
        if on_typed is not None:
            self.on("typed", _with_text(on_typed, longest))
        if on_send is not None:
            self.on("send", _with_text(on_send, longest))

    def submit(self) -> None:
        """Send what is typed, as Enter does."""
        self.run_method("submit")

    def show(self, text: str) -> None:
        """Have another text in it."""
        dict.__setitem__(self._props, "value", text)  # for whoever loads the page again; not sent now
        self.run_method("show", text)

    def focus(self) -> None:
        """Put the cursor into it."""
        self.run_method("focus")


def _with_text(handler: Callable[[str], Any], longest: int) -> Callable[[GenericEventArguments], Any]:
    return lambda event: handler(showable(event.args if isinstance(event.args, str) else "")[:longest])
