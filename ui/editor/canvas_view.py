"""The canvas as the page uses it: what it shows of the pipeline, and what is selected on it."""

from __future__ import annotations

from nicegui.element import Element

from ui import kit
from ui.canvas.canvas import Canvas
from ui.canvas.views import GraphView
from ui.editor.cards import Cards, difference
from ui.editor.intents import Intents
from ui.editor.outlook_looks import OutlookLooks
from ui.editor.session import Session
from ui.editor.shown_run import ShownRun
from ui.i18n import t


class CanvasView:
    """Draws the canvas into the element one is in; `run` is the one that is shown on it, if any."""

    def __init__(self, session: Session, run: ShownRun | None, on_intent: Intents) -> None:
        self.run = run
        self.outlook = OutlookLooks(session.opened)
        self._session = session
        self._cards = Cards(session.document.types)
        self._view = self._made()
        self._view["viewport"] = session.viewport
        with kit.div("stage") as self._stage:
            self.canvas = Canvas(self._view, editable=run is None, on_intent=on_intent)
            self._start: Element = kit.div("start")
        self.show_start()

    def draw(self) -> None:
        """Bring it up to date."""
        if self._stage.is_deleted:
            return
        # In the page's own context: its language is found by it.
        with self._stage:
            view = self._made()
        self.canvas.apply(difference(self._view, view))
        self._view = view

    def show_run(self, run: ShownRun | None) -> None:
        """Show a run on it, or the pipeline to edit."""
        self.run = run
        self.canvas.set_editable(run is None)
        self.draw()

    def was_selected(self) -> None:
        """The person has selected something there already."""
        self._view["selected"] = list(self._session.selected)

    def show_start(self) -> None:
        """Say how to begin, while there is nothing."""
        empty = not self._session.document.pipeline.nodes
        if empty == bool(self._start.default_slot.children):
            return
        self._start.clear()
        if empty:
            with self._start:
                kit.empty(
                    "workflow", t("An empty pipeline"),
                    t("Drag a node from the left onto the canvas, or choose one there and press Enter."),
                )  # fmt: skip

    def _made(self) -> GraphView:
        document, session, run = self._session.document, self._session, self.run
        if run is None:
            problems, states = session.opened.problems, self.outlook
            view = self._cards.graph(document.pipeline, document.positions(), problems, states)
        else:
            # What runs is what was submitted, whatever has been edited since.
            positions = {**run.positions, **document.positions()}
            view = self._cards.graph(run.pipeline or document.pipeline, positions, [], run.looks)
        shown = {one["id"] for one in (*view["nodes"], *view["edges"], *view["notes"])}
        session.selected = [one for one in session.selected if one in shown]
        view["selected"] = list(session.selected)
        return view
