"""The right side of the editor while a run is shown: the run as a whole, or one of its nodes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from nicegui import ui

from executor.services.views import NodeView, RunView
from ui import kit
from ui.editor.categories import icon_of
from ui.i18n import t, t_message
from ui.live import Change, Feed
from ui.results.facts import fraction
from ui.results.node_panel import NodePanel
from ui.results.titles import title_of
from ui.results.units import duration, moment
from ui.site import Site

_DRAW_EVERY = 1.0
_MOST_LINES = 60
# Of many nodes, these are listed first.
_URGENT = {"failed": 0, "running": 1, "cancelled": 2, "queued": 3}


class RunPanel:
    """Draws into the element one is in; `show(node)` goes to a node, `show(None)` to the run."""

    def __init__(self, site: Site, feed: Feed, *, on_select: Callable[[str | None], Any]) -> None:
        self._site = site
        self._feed = feed
        self._on_select = on_select
        self._node: str | None = None
        self._panel: NodePanel | None = None
        self._tab = "metrics"
        self._drawn_at = 0.0
        with kit.el("aside", "panel right runpanel", data_run=str(feed.view.id)):
            self._head = kit.div("phead")
            self._body = kit.div("rpbody")
        self.show(None)

    @property
    def node(self) -> str | None:
        """The node that is shown."""
        return self._node

    def show(self, node: str | None, tab: str | None = None) -> None:
        """Show a node, on a tab, or the run."""
        if tab:
            self._tab = tab
        self._node = node if node in self._feed.view.nodes else None
        self._panel = None
        self._body.clear()
        with self._body:
            if self._node is None:
                self._overview()
            else:
                self._panel = NodePanel(
                    self._site, self._feed, self._node, tab=self._tab, on_tab=self._remember
                )
        self._draw_head()

    async def update(self, change: Change) -> None:
        """Take in what is new."""
        if self._panel is not None:
            if self._node in change.nodes:
                self._draw_head()
            await self._panel.update(change)
        elif change.run or (change.nodes and time.monotonic() - self._drawn_at > _DRAW_EVERY):
            self._body.clear()
            with self._body:
                self._overview()
            self._draw_head()

    def _remember(self, tab: str) -> None:
        self._tab = tab

    def _draw_head(self) -> None:
        run = self._feed.view
        self._head.clear()
        with self._head:
            if self._node is None:
                kit.icon("activity", "s")
                kit.link(t("Run {number}", number=run.id), f"/runs/{run.id}", "b grow")
                kit.chip(run.state)
                return
            node = run.nodes[self._node]
            kit.icon(icon_of(node.type), "s")
            kit.text(self._name(node), "cut", "b", title=node.node)
            kit.chip(node.state)
            kit.div("grow")
            kit.button(
                "", lambda: self._on_select(None), kind="ghost", size="mini", glyph="x", tip=t("Show the run")
            )

    def _name(self, node: NodeView) -> str:
        return title_of(self._site.workspace.registry, node.node, node.type, node.title)

    def _overview(self) -> None:
        self._drawn_at = time.monotonic()
        run = self._feed.view
        with kit.div("facts"):
            for label, value in _facts(run).items():
                with kit.div():
                    kit.text(label, "over")
                    kit.text(value, "", "b")
        with kit.div("pbody"):
            if run.state == "queued" and run.reason:
                kit.message(t("It waits: {reason}.", reason=t_message(run.reason)))
            nodes = [node for node in run.nodes.values() if not node.left_out]
            if len(nodes) > _MOST_LINES:
                nodes.sort(key=lambda node: _URGENT.get(node.state, 9))
            for node in nodes[:_MOST_LINES]:
                self._line(node)
            if len(nodes) > _MOST_LINES:
                kit.text(t("and {n} more", n=len(nodes) - _MOST_LINES), "dim sm", "p")

    def _line(self, node: NodeView) -> None:
        line = kit.el("button", "rnode", type="button", data_run_node=node.node)
        line.on("click", lambda: self._on_select(node.node), [])
        with line:
            with kit.el("span", "stx", data_state=node.state):
                kit.icon(kit.STATE_ICONS.get(node.state, "clock"), "s")
            kit.text(self._name(node), "cut", title=node.node)
            kit.text(node.node, "mono dim xs cut grow")
            if node.state == "running":
                kit.progress_bar(fraction(self._feed.progress.get(node.node)))
            elif node.state == "cached":
                kit.text(t("run {run}", run=node.source_run), "dim xs")
            elif node.state == "queued" and node.reason:
                why = t_message(node.reason)
                kit.text(why, "dim xs cut why", title=why)
            else:
                kit.text(duration(node.seconds), "dim xs")


def _facts(run: RunView) -> dict[str, str]:
    done = sum(node.state in ("succeeded", "cached") for node in run.nodes.values())
    wanted = sum(not node.left_out for node in run.nodes.values())
    waits = run.started is None and not run.final
    facts = {
        t("Done"): f"{done} / {wanted}",
        t("Submitted") if waits else t("Started"): moment(run.started or run.created),
        t("Waiting") if waits else t("Duration"): duration(
            run.seconds if run.final else time.time() - (run.started or run.created)
        ),
        t("Trigger"): t(run.trigger),
    }
    return {**facts, t("User"): run.user} if run.user else facts


def run_words(run: RunView) -> str:
    """A run in one line: run 42 running: 4 of 9 done, 1 failed."""
    nodes = [node for node in run.nodes.values() if not node.left_out]
    done = sum(node.state in ("succeeded", "cached") for node in nodes)
    failed = sum(node.state == "failed" for node in nodes)
    words = {"run": run.id, "state": t(run.state), "done": done, "all": len(nodes), "failed": failed}
    if failed:
        return t("run {run} {state}: {done} of {all} done, {failed} failed", **words)
    return t("run {run} {state}: {done} of {all} done", **words)


def confirm_cancel(run: RunView, on_yes: Callable[[], Any]) -> None:
    """Ask before a run is cancelled."""
    running = sum(node.state == "running" for node in run.nodes.values())
    sentence = t("Finished nodes stay cached, and checkpoints are kept.")
    if running:
        sentence = f"{t('{n} running', n=running)} · {sentence}"
    kit.confirm(
        t("Cancel run {number}?", number=run.id), sentence, yes=t("Cancel run"), no=t("Keep running"),
        on_yes=on_yes, name="cancel-run",
    )  # fmt: skip


def elapsed(run: RunView) -> ui.label:
    """The time since a run began, counted on while it goes on."""
    label = ui.label(_clock(run)).classes("mono")
    if not run.final:
        ui.timer(1.0, lambda: label.set_text(_clock(run)))
    return label


def _clock(run: RunView) -> str:
    seconds = int(run.seconds or 0) if run.final else int(time.time() - (run.started or run.created))
    hours, rest = divmod(max(0, seconds), 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}"
