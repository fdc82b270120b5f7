"""A part of a page that is drawn again only where what it shows has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui.element import Element

_NOTHING = object()


class Part:
    """An element and how it is filled, with what `show` is given."""

    def __init__(self, element: Element, draw: Callable[..., None]) -> None:
        self.element = element
        self._draw = draw
        self._key: object = _NOTHING

    def show(self, *content: Any, key: object = None) -> None:
        """Draw this content, unless it is drawn already; `key` is what of it can be seen, else all of it."""
        seen = content if key is None else key
        if seen != self._key:
            self._key = seen
            self.element.clear()
            with self.element:
                self._draw(*content)
