"""One tab at a pipeline: what is selected there, and how what a person does becomes a command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from nicegui.element import Element

from nodegraph.errors import NodeGraphError
from nodegraph.problems import Problem
from ui import kit
from ui.canvas.views import Viewport
from ui.editor.document import Document
from ui.editor.opened import OpenPipeline
from ui.i18n import t, t_message
from ui.site import Site

T = TypeVar("T")


class Session:
    """What the parts of the page share. `where` is an element of the page for what comes later."""

    def __init__(self, site: Site, opened: OpenPipeline) -> None:
        self.site = site
        self.opened = opened
        self.selected: list[str] = []
        # Where the person looks, once they have moved the view.
        self.viewport: Viewport | None = None
        # Why the text that is being written was not taken when it was tried last.
        self.wrong_text: Sequence[Problem] = ()
        # How a run was started last that was started with options.
        self.run_options: dict[str, Any] = {}
        self.where: Element

    @property
    def document(self) -> Document:
        """The pipeline that is edited."""
        return self.opened.document

    @property
    def nodes(self) -> list[str]:
        """The selected nodes."""
        return [name for name in self.selected if name in self.document.pipeline.nodes]

    def do(self, command: Callable[[], T]) -> T | None:
        """Do something; where it is refused, say why and give back None."""
        try:
            return command()
        except NodeGraphError as error:
            self.say(error)
            return None

    def say(self, error: NodeGraphError, title: str = "") -> None:
        """Say what could not be done, and why."""
        with self.where:
            sentence = t_message(error.message, error.hint)
            kit.toast(title or t("Nothing was changed"), sentence, "failed")
