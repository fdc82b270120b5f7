"""The graph of a run as it was when the run was started, with how each node stands. One can only look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nodegraph.pipeline import Pipeline
from ui import kit
from ui.canvas.canvas import Canvas
from ui.editor import placing
from ui.editor.cards import Cards, difference
from ui.editor.live import RunLooks
from ui.editor.types import Types
from ui.i18n import t
from ui.live import Change, Feed
from ui.site import Site


class RunGraph:
    """Draws into the element one is in; `take` follows the run."""

    def __init__(
        self,
        site: Site,
        feed: Feed,
        pipeline: Pipeline | None,
        *,
        selected: str | None,
        on_choose: Callable[..., Any],
        on_retry: Callable[[str], Any],
    ) -> None:
        self._on_choose, self._on_retry = on_choose, on_retry
        self._pipeline = pipeline
        if pipeline is None:
            kit.empty("file-x", t("No graph"), t("The pipeline of this run cannot be read."))
            return
        types = Types(site.workspace.registry)
        self._cards, self._looks = Cards(types), RunLooks(feed)
        self._positions = placing.positions(pipeline, types)
        self._graph = self._made([selected] if selected else [])
        with kit.div("rungraph"):
            self._canvas = Canvas(self._graph, editable=False, on_intent=self._hear)

    def take(self, change: Change) -> None:
        """Take in what is new in the run."""
        if self._pipeline is None or self._canvas.is_deleted:
            return
        self._looks.take(change)
        graph = self._made(self._graph["selected"])
        self._canvas.apply(difference(self._graph, graph))
        self._graph = graph

    def _made(self, selected: list[str]) -> Any:
        assert self._pipeline is not None
        return self._cards.graph(self._pipeline, self._positions, [], self._looks, selected)

    def _hear(self, name: str, detail: dict[str, Any]) -> Any:
        if name == "select":
            self._graph["selected"] = list(detail["ids"])
            nodes = [one for one in detail["ids"] if self._pipeline and one in self._pipeline.nodes]
            return self._on_choose(nodes[0] if len(nodes) == 1 else None)
        if name == "action" and detail["name"] == "retry":
            return self._on_retry(detail["id"])
        if name in ("open", "action"):
            return self._on_choose(detail["id"], "log" if detail.get("name") == "log" else None)
        return None
