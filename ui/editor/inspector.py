"""The right side of the editor: what is selected, to fill in; with nothing selected, the pipeline itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ui import kit
from ui.editor import clipboard
from ui.editor.looks import NodeStates
from ui.editor.node_form import NodeForm
from ui.editor.pipeline_form import PipelineForm
from ui.editor.session import Session
from ui.i18n import t


class Part(Protocol):
    """What the inspector shows at the moment."""

    def refresh(self) -> None:
        """Follow the pipeline."""

    def focus(self, field: str) -> None:
        """Put the cursor into a field."""


class Inspector:
    """Draws into the element one is in."""

    def __init__(self, session: Session, states: NodeStates, on_run: Callable[..., Any]) -> None:
        self._session = session
        self._states = states
        self._on_run = on_run
        self._shown: tuple[str, ...] = ("?",)
        self._part: Part | None = None
        self._root = kit.el("aside", "panel right inspector", data_inspector="")
        self.refresh()

    def refresh(self) -> None:
        """Follow the selection and the pipeline; fields that somebody types into are left alone."""
        shown = self._wanted()
        if shown != self._shown:
            self._shown = shown
            self._root.clear()
            with self._root:
                self._part = self._build()
        elif self._part is not None:
            self._part.refresh()

    def focus(self, field: str) -> None:
        """Put the cursor into a field of what is shown."""
        if self._part is not None:
            self._part.focus(field)

    def _wanted(self) -> tuple[str, ...]:
        """What must be built anew when it is another one."""
        nodes = self._session.nodes
        if len(nodes) == 1:
            return ("node", nodes[0], self._session.document.pipeline.nodes[nodes[0]].type)
        return ("many", str(len(nodes))) if nodes else ("pipeline",)

    def _build(self) -> Part | None:
        nodes = self._session.nodes
        if len(nodes) == 1:
            return NodeForm(self._session, self._states, nodes[0], self._on_run)
        if nodes:
            self._many(len(nodes))
            return None
        return PipelineForm(self._session)

    def _many(self, count: int) -> None:
        session, document = self._session, self._session.document
        with kit.div("phead"):
            kit.icon("layers", "s")
            kit.text(t("{n} nodes selected", n=count), "grow", "b")
        with kit.div("pbody col many"):
            kit.button(t("Copy"), lambda: clipboard.copy(session), glyph="copy", action="copy")
            kit.button(
                t("Duplicate"), lambda: session.do(lambda: document.duplicate(session.selected)),
                glyph="copy-plus", action="duplicate",
            )  # fmt: skip
            kit.button(
                t("Frame"), lambda: session.do(lambda: document.add_group(session.nodes)), glyph="group",
                action="frame",
            )  # fmt: skip
            kit.button(
                t("Disable"), lambda: document.set_enabled(session.nodes, False), glyph="eye-off",
                action="disable",
            )  # fmt: skip
            kit.button(
                t("Enable"), lambda: document.set_enabled(session.nodes, True), glyph="eye", action="enable"
            )
            kit.button(
                t("Delete"), lambda: document.remove(session.selected), glyph="trash-2", kind="danger",
                action="delete",
            )  # fmt: skip
