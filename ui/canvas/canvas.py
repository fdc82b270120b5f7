"""The canvas as a NiceGUI element: it shows a graph and says what the person wants to do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from ui.assets import VENDOR
from ui.canvas.shown import Shown
from ui.canvas.views import GraphView, Op
from ui.canvas.words import canvas_words
from ui.kit.preloading import preload

_WEB = Path(__file__).parent / "web"


class Canvas(
    Element,
    component="canvas.js",
    esm={"@vue-flow/core": str(VENDOR / "vue-flow-core"), "nodegraph-canvas": str(_WEB)},
):
    """The canvas. Python owns the graph: the page shows what it is told and sends intents.

    `on_intent(name, detail)` hears of them; where it gives back an awaitable, that is awaited.

    move         positions: {id: [x, y]}, at the end of a drag
    connect      source, target: "node.port" each; an occupied input that takes one edge is replaced
    reconnect    edge, source, target: an edge's end was dropped on another port
    refused      source, target: dropped where it does not fit; answer with `refuse`
    remove       ids: nodes, edges and notes
    select       ids: what is selected now
    drop         type, x, y: dragged from the palette (data type application/x-nodegraph-type)
    open         id: double click on a card
    action       id, name: a button on a card
    viewport     x, y, zoom: once the person's moves have rested
    note         x, y: a note is wanted there
    note_text    id, text
    resize       id, width, height: a note or frame
    context      x, y, client_x, client_y, id: a menu is wanted there; id only over a thing
    paste        x, y: under the pointer, or in the middle
    copy cut duplicate undo redo arrange save run search: keys that were pressed
    """

    def __init__(
        self,
        graph: GraphView,
        *,
        editable: bool = True,
        words: Mapping[str, str] | None = None,
        on_intent: Callable[[str, dict[str, Any]], Any] | None = None,
    ) -> None:
        super().__init__()
        preload("@vue-flow/core", "nodegraph-canvas")
        self._shown = Shown(graph)
        self._ready = False
        self._on_intent = on_intent
        self._props["editable"] = editable
        self._props["words"] = {**canvas_words(), **(words or {})}
        self.on("ready", self._load, args=[])
        self.on("intent", self._hear)

    def load(self, graph: GraphView) -> None:
        """Show another graph, fitted where it says no viewport; or the same one anew, looked at as before."""
        self._shown = Shown(graph)
        if self._ready:
            self._load()

    def apply(self, ops: list[Op]) -> None:
        """Change what is shown. Collect changes: ten calls a second are plenty."""
        self._shown.apply(ops)
        if self._ready and ops:
            self.run_method("apply", ops)

    def fit(self) -> None:
        """Show the whole graph."""
        self.run_method("fit")

    def focus(self, node_id: str) -> None:
        """Bring a node into the middle and flash it."""
        self.run_method("focus", node_id)

    def refuse(self, source: str, target: str, reason: str) -> None:
        """Say why an edge was refused, in the reader's language."""
        self.run_method("refuse", source, target, reason)

    def set_editable(self, editable: bool) -> None:
        """Let the person change the graph, or only look at it."""
        with self._props.suspend_updates():  # for when the page shows the element again
            self._props["editable"] = editable
        self.run_method("set_editable", editable)

    def _load(self) -> None:
        self._ready = True
        self.run_method("load", self._shown.graph())

    def _hear(self, event: GenericEventArguments) -> Any:
        name, detail = event.args["name"], event.args["detail"]
        self._shown.hear(name, detail)
        result = self._on_intent(name, detail) if self._on_intent else None
        if name == "select":
            self.run_method("selection_heard")
        return result
