"""What is typed into a CodeMirror while the server is dead is there with the next one, as it is in fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui
from nicegui.element import Element

from ui.kit.fields import FIELD_PARTS


class TypedAway(Element, component="typed_away.js", esm=FIELD_PARTS):
    """An element that shows nothing; `on_found` hears the text, on the page that the next server gives."""

    def __init__(self, draft: str, on_found: Callable[[str], Any]) -> None:
        super().__init__()
        self.props["draft"] = draft
        self.on("found", lambda event: on_found(str(event.args)))

    def follow(self, editor: ui.codemirror) -> None:
        """Keep what is typed there."""
        editor.on("update:value", js_handler=f"() => getElement({self.id})?.keep({editor.id})")
