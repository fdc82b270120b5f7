"""Tells what the browser does with the page: hides it, shows it, goes back and forward in it."""

from __future__ import annotations

from collections.abc import Callable

from nicegui.element import Element


class Watcher(Element, component="watcher.js"):
    """An element that shows nothing."""

    def __init__(self, on_visible: Callable[[bool], object], on_address: Callable[[str], object]) -> None:
        super().__init__()
        self.on("visible", lambda event: on_visible(bool(event.args)))
        self.on("address", lambda event: on_address(str(event.args)))
