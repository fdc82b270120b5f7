"""What one node of a run is doing or has made: numbers, log, results, artifacts, inputs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from nicegui import run, ui

from executor.services.views import NodeView, OutputView
from ui import kit
from ui.i18n import t, t_message
from ui.live import Change, Feed
from ui.results import blocks
from ui.results.artifact_dialog import ArtifactDialog
from ui.results.facts import facts_of
from ui.results.log_tab import LogTab, read_log
from ui.results.metric_charts import MetricCharts, collect
from ui.results.outputs import draw_inputs, draw_outputs
from ui.site import Site

_DRAW_EVERY = 1.0
TABS = {
    "metrics": "Metrics",
    "log": "Log",
    "results": "Results",
    "artifacts": "Artifacts",
    "inputs": "Inputs",
}


class NodePanel:
    """Shows one node of a run in the element one is in, and keeps up with it. `tab` says what is open."""

    def __init__(
        self,
        site: Site,
        feed: Feed,
        node: str,
        *,
        tab: str = "metrics",
        on_tab: Callable[[str], Any] | None = None,
    ) -> None:
        self._site = site
        self._feed = feed
        self._node = node
        self._on_tab = on_tab or (lambda _: None)
        self._charts: MetricCharts | None = None
        self._log: LogTab | None = None
        self._busy = asyncio.Lock()
        self._drawn_at = 0.0
        self._tab = tab if tab in TABS else "metrics"
        self._trouble = kit.div()
        self._facts = kit.div("facts")
        kit.tabs({name: t(label) for name, label in TABS.items()}, self._tab, self.open)
        self._body = kit.div("pbody col")
        self._head()
        ui.timer(0, self._fill, once=True)
        ui.timer(1.0, self._tick)

    @property
    def view(self) -> NodeView:
        """The node as it stands."""
        return self._feed.view.nodes[self._node]

    def open(self, tab: str) -> None:
        """Show another tab."""
        self._tab = tab
        self._on_tab(tab)
        ui.timer(0, self._fill, once=True)

    async def update(self, change: Change) -> None:
        """Take in what is new in the run."""
        if self._body.is_deleted:
            return
        node = self._node
        if node in change.nodes:
            self._head()
            if self.view.final and self._tab != "log":
                await self._fill()
        if node in change.points and self._charts is not None:
            self._charts.add(change.points[node])
            if time.monotonic() - self._drawn_at > _DRAW_EVERY:
                self._drawn_at = time.monotonic()
                self._charts.draw()
        if (node in change.logs or node in change.nodes) and self._log is not None:
            await self._log.more()

    def _tick(self) -> None:
        if self.view.state == "running":
            self._draw_facts()

    def _draw_facts(self) -> None:
        self._facts.clear()
        with self._facts:
            for label, value in facts_of(self.view, self._feed.progress.get(self._node)).items():
                with kit.div():
                    kit.text(label, "over")
                    kit.text(value, "", "b")

    def _head(self) -> None:
        self._draw_facts()
        self._trouble.clear()
        with self._trouble:
            draw_trouble(self.view)

    async def _fill(self) -> None:
        """Build the open tab; what it shows is read in a thread."""
        async with self._busy:
            tab = self._tab
            content = await run.io_bound(self._read, tab)
            if self._body.is_deleted or tab != self._tab:
                return
            self._body.clear()
            self._charts = self._log = None
            with self._body:
                self._draw(tab, content)

    def _read(self, tab: str) -> Any:
        runs, place = self._site.workspace.runs, (self._feed.view.id, self._node)
        if tab == "metrics":
            return collect(runs.metrics(*place))
        if tab == "log":
            return read_log(runs, *place)
        if tab == "results":
            return runs.preview(*place)
        return runs.pipeline(place[0]) if tab == "inputs" else None

    def _draw(self, tab: str, content: Any) -> None:
        if tab == "metrics":
            self._charts = MetricCharts(content, ended=self.view.final)
        elif tab == "log":
            runs, run_id = self._site.workspace.runs, self._feed.view.id
            self._log = LogTab(runs, run_id, self._node, content, ended=self.view.final)
        elif tab == "results":
            self._results(content)
        elif tab == "artifacts":
            draw_outputs(self.view, self._look_inside)
        else:
            draw_inputs(self._feed.view, self._node, content)

    def _look_inside(self, output: OutputView) -> None:
        with self._body:
            ArtifactDialog(self._site.workspace.artifacts, output)

    def _results(self, found: list[dict[str, Any]]) -> None:
        for block in found:
            blocks.draw(block)
        if not found:
            later = t("It shows something of its results once it has succeeded.")
            kit.empty(
                "table", t("No results yet"), later if not self.view.final else t("This node shows none.")
            )


def draw_trouble(node: NodeView) -> None:
    """Why a node failed, or what it waits for, in words, with what to do next."""
    if node.error:
        category = str(node.error.get("category", ""))
        with kit.div("trouble", data_error=category), kit.div("msg", data_state=node.state, role="alert"):
            kit.icon(kit.STATE_ICONS.get(node.state, "circle-alert"), "s")
            with kit.div("grow"):
                kit.text(f"{t(category)} · ", "", "b")
                kit.text(t_message(str(node.error.get("message", ""))))
                kit.text(t_message(str(node.error.get("hint", ""))), "sub", "p")
    elif node.reason and node.state not in ("running", "succeeded", "cached"):
        kit.message(t_message(node.reason), "info")
