"""The page of one run: facts, failures, time line, graph, tables, the chosen node, curves."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from executor.services.views import OutputView, RunView
from nodegraph.pipeline import Pipeline
from ui import frame, kit
from ui.editor.categories import icon_of
from ui.i18n import t
from ui.live import Change, Feed
from ui.results.artifact_dialog import ArtifactDialog
from ui.results.node_panel import NodePanel
from ui.results.titles import titles_of, told_apart
from ui.runs.curves import Courses, Curves
from ui.runs.facts import draw_facts, draw_failures, draw_waiting, run_facts
from ui.runs.gantt import Gantt
from ui.runs.node_table import draw_artifacts, draw_nodes
from ui.runs.run_actions import RunActions
from ui.runs.run_graph import RunGraph
from ui.runs.told import Told
from ui.runs.words import states_in_words
from ui.site import Site

VIEWS = {"gantt": "Gantt", "graph": "Graph", "table": "Table", "artifacts": "Artifacts"}
# Tables and facts are built anew; the time line and the graph take in changes.
_REBUILD_EVERY = 1.0
# Each time, time line, log, facts and curves send a message each; ten a second are plenty.
_TAKE_EVERY = 0.4


@dataclass
class _Shown:
    """What a person looks at; outlives a change of language."""

    view: str = "gantt"
    node: str | None = None
    tab: str = "metrics"


class RunPage:
    """One run; `text` is its file, `pipeline` what that said with the values of the run.

    `title` is its pipeline's, None where that was never kept here.
    """

    section = "runs"

    def __init__(
        self,
        site: Site,
        feed: Feed,
        text: str,
        pipeline: Pipeline | None,
        title: str | None,
        courses: Courses,
    ) -> None:
        self._site, self._feed = site, feed
        self._text, self._pipeline = text, pipeline
        self._title, self._courses = title, courses
        self._shown = _Shown()
        self._panel: NodePanel | None = None
        self._gantt: Gantt | None = None
        self._graph: RunGraph | None = None
        self._rebuilt = 0.0
        self._told = 0.0
        self._pending: set[str] = set()
        self._waiting = Change()
        self._ended = feed.view.final

    @property
    def run(self) -> RunView:
        """The run as it stands."""
        return self._feed.view

    def heading(self) -> None:
        """Which run, how it stands, of which pipeline."""
        frame.crumbs((t("Runs"), "/runs"), (t("Run {number}", number=self.run.id), None))
        self._chip = kit.div("row", data_state="")
        title = self._title or self.run.pipeline
        kit.text(title, "sub cut", title=title)
        self._draw_chip()

    def actions(self) -> None:
        """What can be done with it now."""
        self._actions = RunActions(self._site, self._feed, self._text, kept=self._title is not None)

    def body(self) -> None:
        """Everything else."""
        self._gantt = self._graph = self._panel = None
        self._titles = titles_of(self._site.workspace.registry, self.run.nodes.values())
        with kit.div("page run-page", data_page="run") as self._root:
            self._facts = kit.div("runfacts card")
            self._failures = kit.div("col")
            Told(self._site, self._feed)
            with kit.div("card"):
                with kit.el("header"):
                    kit.text(t("Course"), "", "h3")
                    self._counts = kit.text("", "dim xs cut")
                    labels = {name: t(label) for name, label in VIEWS.items()}
                    kit.segmented(labels, self._shown.view, self._look_at, action="view").classes("end")
                self._course = kit.div()
            self._node_card = kit.div()
            self._curves = Curves(told_apart(self._titles), self._courses)
        self._draw_state()
        self._draw_course()
        self._draw_node()
        ui.timer(_TAKE_EVERY, self._tick)

    async def update(self, change: Change) -> None:
        """Take in what is new in the run: its end at once, the rest a little later, together."""
        _merge(self._waiting, change)
        if change.run and not self._root.is_deleted:
            # Inside the page, so that it is said in the reader's language.
            with self._root:
                await self._tick()

    async def _take(self, change: Change) -> None:
        self._pending |= change.nodes
        if self._gantt is not None and change.nodes:
            self._gantt.update_rows(self.run, self._feed.progress, change.nodes)
        if self._graph is not None:
            self._graph.take(change)
        if change.run or any(self._is_news(node) for node in change.nodes):
            self._rebuild()
        self._curves.update(change)
        if self._panel is not None:
            await self._panel.update(change)
            if self._shown.node in change.nodes:
                self._draw_node_head()
        if self.run.final and not self._ended:
            self._ended = True
            self._curves.finish()

    def _is_news(self, node: str) -> bool:
        return self.run.nodes[node].state == "failed"

    async def _tick(self) -> None:
        change, self._waiting = self._waiting, Change()
        if change:
            await self._take(change)
        if (self._pending or not self.run.final) and time.monotonic() - self._told > _REBUILD_EVERY:
            self._rebuild()

    def _rebuild(self) -> None:
        """Build anew what has no way of changing in place."""
        self._told = time.monotonic()
        changed = bool(self._pending)
        self._draw_chip()
        self._actions.draw()
        self._draw_state()
        if self._shown.view not in ("table", "artifacts"):
            self._pending.clear()
        elif changed and (self.run.final or time.monotonic() - self._rebuilt > self._patience):
            self._pending.clear()
            self._draw_course()

    @property
    def _patience(self) -> float:
        """A long table is built anew less often."""
        return _REBUILD_EVERY * (1 + len(self.run.nodes) / 50)

    def _draw_chip(self) -> None:
        if self._chip.props.get("data-state") == self.run.state:
            return
        self._chip.props["data-state"] = self.run.state
        self._chip.clear()
        with self._chip:
            kit.chip(self.run.state)

    def _draw_state(self) -> None:
        run = self.run
        facts = run_facts(run, {} if run.final else self._running_progress())
        failed = [(node.node, node.error) for node in run.nodes.values() if node.state == "failed"]
        said = (list(facts.items()), failed, run.final, run.reason)
        if getattr(self._facts, "said", None) == said:
            return
        self._facts.said = said  # type: ignore[attr-defined]
        self._facts.clear()
        with self._facts:
            draw_facts(facts)
        self._failures.clear()
        with self._failures:
            draw_waiting(run)
            draw_failures(
                run, told_apart(self._titles), on_retry=self._actions.again,
                on_log=lambda node: self._choose(node, "log"),
            )  # fmt: skip
        self._failures.set_visibility(bool(failed) or bool(run.reason and not run.final))
        kit.set_text(self._counts, states_in_words(run.counts))

    def _running_progress(self) -> dict[str, dict[str, Any]]:
        nodes = self.run.nodes
        return {name: one for name, one in self._feed.progress.items() if nodes[name].state == "running"}

    def _look_at(self, view: str) -> None:
        self._shown.view = view
        self._draw_course()

    def _draw_course(self) -> None:
        self._rebuilt = time.monotonic()
        self._gantt = self._graph = None
        self._course.clear()
        with self._course:
            if self._shown.view == "graph":
                self._graph = RunGraph(
                    self._site, self._feed, self._pipeline, selected=self._shown.node, on_choose=self._choose,
                    on_retry=self._actions.again,
                )  # fmt: skip
            elif self._shown.view == "table":
                draw_nodes(self.run, self._titles, self._choose)
            elif self._shown.view == "artifacts":
                draw_artifacts(self.run, self._titles, self._open_artifact)
            else:
                self._gantt = Gantt(
                    self.run, self._feed.progress, self._titles, selected=self._shown.node,
                    on_choose=self._choose,
                )  # fmt: skip

    def _choose(self, node: str | None, tab: str | None = None) -> None:
        """Show a node below the course of the run; None shows none."""
        self._shown.node = node if node in self.run.nodes else None
        if tab:
            self._shown.tab = tab
        if self._gantt is not None:
            self._gantt.select(self._shown.node)
        self._draw_node()
        if self._shown.node:
            ui.run_javascript(
                "document.querySelector('[data-node-card]')?.scrollIntoView({block: 'nearest'})"
            )

    def _draw_node(self) -> None:
        self._node_card.clear()
        self._panel = None
        name = self._shown.node
        self._node_card.set_visibility(name is not None)
        if name is None:
            return
        with self._node_card, kit.div("card nodecard", data_node_card=name):
            self._node_head = kit.el("header")
            self._draw_node_head()
            self._panel = NodePanel(self._site, self._feed, name, tab=self._shown.tab, on_tab=self._keep_tab)

    def _draw_node_head(self) -> None:
        node = self.run.nodes[self._shown.node or ""]
        self._node_head.clear()
        with self._node_head:
            kit.icon(icon_of(node.type), "s")
            title = self._titles[node.node]
            kit.text(title, "cut", "b", title=title)
            kit.text(node.type if title == node.node else f"{node.node} · {node.type}", "dim mono cut")
            kit.chip(node.state)
            kit.div("grow")
            kit.button(
                "", lambda: self._choose(None), kind="ghost", size="mini", glyph="x", tip=t("Close"),
                action="close-node",
            )  # fmt: skip

    def _keep_tab(self, tab: str) -> None:
        self._shown.tab = tab

    def _open_artifact(self, output: OutputView) -> None:
        ArtifactDialog(self._site.workspace.artifacts, output)


def _merge(waiting: Change, change: Change) -> None:
    waiting.run |= change.run
    waiting.nodes |= change.nodes
    waiting.logs |= change.logs
    for node, points in change.points.items():
        waiting.points.setdefault(node, []).extend(points)
