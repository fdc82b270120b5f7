"""The right side of the page: the form of what is selected, the pipeline's file, or a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui
from nicegui.element import Element

from nodegraph.problems import Problem
from ui import kit
from ui.editor.inspector import Inspector
from ui.editor.looks import NodeStates
from ui.editor.run_panel import RunPanel
from ui.editor.session import Session
from ui.editor.shown_run import ShownRun
from ui.editor.typed_away import TypedAway
from ui.editor.yaml_view import YamlView
from ui.live import Change

_DARK = 'return document.documentElement.dataset.theme === "dark"'


class RightSide:
    """Draws into the element one is in."""

    def __init__(
        self,
        session: Session,
        states: NodeStates,
        on_run: Callable[..., Any],
        on_select: Callable[[list[str]], Any],
    ) -> None:
        self._session, self._states = session, states
        self._on_run, self._on_select = on_run, on_select
        self._inspector: Inspector | None = None
        self._yaml: YamlView | None = None
        self._panel: RunPanel | None = None
        self.root: Element = kit.div("side", data_follows_selection="")
        self._typed_away = TypedAway(f"yaml {session.opened.name}", self._found)

    def show_form(self) -> None:
        """The form of what is selected."""
        with self._emptied("form"):
            self._inspector = Inspector(self._session, self._states, self._on_run)

    def show_run(self, shown: ShownRun) -> None:
        """A run, or its selected node."""
        with self._emptied("run"):
            self._panel = RunPanel(
                self._session.site, shown.feed, on_select=lambda node: self._on_select([node] if node else [])
            )
        self.select()

    @property
    def shows_yaml(self) -> bool:
        """Whether the file is open."""
        return self._yaml is not None

    async def toggle_yaml(self) -> None:
        """Open the file, or close it."""
        if self._yaml is not None:
            self.show_form()
            return
        dark = bool(await ui.run_javascript(_DARK))
        opened = self._session.opened
        with self._emptied("yaml"), kit.el("aside", "panel right"):
            self._yaml = YamlView(
                opened.document.text(), self._take_text, self.show_form, dark=dark, begun=opened.rough,
                behind=opened.rough_is_behind, on_write=self._write, typed_away=self._typed_away,
                wrong=self._session.wrong_text,
            )  # fmt: skip

    def select(self) -> None:
        """Something else is selected."""
        if self._panel is not None:
            selected = self._session.selected
            with self.root:
                self._panel.show(selected[0] if len(selected) == 1 else None)
        elif self._inspector is not None:
            self._inspector.refresh()

    def show_log(self, node: str) -> None:
        """The log of a node of the run that is shown."""
        if self._panel is not None:
            with self.root:
                self._panel.show(node, "log")

    async def open_problem(self, problem: Problem) -> None:
        """The field that a problem is about; its node is selected already."""
        if self._inspector is None:
            self.show_form()
        # The page draws a form that is new before it can put the cursor into it.
        await ui.run_javascript("return document.readyState")
        if self._inspector is not None and problem.param:
            self._inspector.focus(problem.param.partition(".")[0])

    def refresh(self) -> None:
        """Follow the pipeline."""
        if self._inspector is not None:
            self._inspector.refresh()
        if self._yaml is not None:
            self._yaml.show(self._session.document.text())

    async def update(self, change: Change) -> None:
        """Follow the run."""
        if self._panel is not None:
            with self.root:
                await self._panel.update(change)

    def _emptied(self, what: str) -> Element:
        self._inspector = self._yaml = self._panel = None
        self.root.clear()
        self.root.props["data-side-of"] = what
        return self.root

    def _write(self, text: str | None) -> None:
        self._session.opened.write(text)
        if text is None:
            self._session.wrong_text = ()

    async def _found(self, text: str) -> None:
        """What was being written while the server was dead."""
        opened = self._session.opened
        if text in (opened.rough, opened.document.text()):
            return
        opened.write(text)
        if self._inspector is not None:
            await self.toggle_yaml()

    def _take_text(self, text: str) -> list[Problem]:
        problems = self._session.do(lambda: self._session.document.set_text(text)) or []
        if not problems:
            self._session.opened.write(None)
        self._session.wrong_text = problems
        return problems
