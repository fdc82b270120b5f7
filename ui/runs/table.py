"""The table of runs: a row each, which leads to the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from nicegui.element import Element

from executor.services.amounts import hours, money
from executor.services.usage import Usage
from executor.services.views import RunView
from ui import kit
from ui.i18n import t, t_message
from ui.results.units import duration, moment
from ui.runs.words import TRIGGERS, nodes_in_words

# A link in a row is followed by itself, not by the row.
_ONLY_LINK = "(event) => event.stopPropagation()"


# Shown where any run has used some.
_USED: dict[str, Callable[[Usage], str]] = {
    "GPU hours": lambda usage: hours(usage.gpu_hours),
    "Cost": lambda usage: money(usage.cost),
}


class RunsTable:
    """Shows runs in the element one is in; `tick` moves the durations of those that run."""

    def __init__(self) -> None:
        self._root = kit.div()
        self._more: list[str] | None = None
        self._users = False
        self._running: dict[int, tuple[RunView, Element]] = {}

    def show(self, runs: Sequence[RunView], titles: Mapping[str, str]) -> None:
        """Show these runs in place of the present ones."""
        self._running.clear()
        more = [head for head, told in _USED.items() if any(told(run.usage) for run in runs)]
        users = any(run.user for run in runs)
        if (more, users) != (self._more, self._users):
            self._more, self._users = more, users
            self._head(more)
        self._body.clear()
        with self._body:
            for run in runs:
                self._row(run, titles.get(run.pipeline))

    def _head(self, more: list[str]) -> None:
        before = ["Run", "State", "Pipeline", "Trigger", *(["User"] if self._users else []), "Started"]
        heads = [*before, "Duration", *more, "Nodes"]
        self._root.clear()
        with self._root:
            right = range(len(before), len(before) + 1 + len(more))
            self._body = kit.table([t(head) for head in heads], right=right, classes="runs")

    def tick(self, now: float) -> None:
        """Move on the durations of what runs."""
        for run, cell in self._running.values():
            if run.started is not None:
                kit.set_text(cell, duration(max(0.0, now - run.started)))

    def _row(self, run: RunView, title: str | None) -> None:
        with kit.row(f"/runs/{run.id}", data_run=run.id, data_state=run.state):
            with kit.el("td", "mono"):
                kit.link(run.id, f"/runs/{run.id}", "").on("click", js_handler=_ONLY_LINK)
            with kit.el("td"):
                kit.chip(run.state)
            with kit.el("td", "name"), kit.div("row"):
                if title is None:  # a file that was never kept here
                    kit.text(run.pipeline, "cut", "b", title=run.pipeline)
                else:
                    link = kit.link(title, f"/pipelines/{run.pipeline}", "cut", title=run.pipeline)
                    link.on("click", js_handler=_ONLY_LINK)
                if run.version is not None:
                    kit.text(f"v{run.version}", "dim")
            with kit.el("td", "sub"), kit.div("row"):
                kit.icon(TRIGGERS.get(run.trigger, "play"), "t")
                kit.text(t(run.trigger))
            if self._users:
                kit.text(run.user, "sub user", "td", title=run.user)
            kit.text(moment(run.started or run.created), "sub", "td")
            took = kit.text(duration(run.seconds) or "—", "r", "td")
            for head in self._more or ():
                kit.text(_USED[head](run.usage), "r", "td", data_used=head)
            waits = t_message(run.reason) if run.state == "queued" else ""
            kit.text(waits or nodes_in_words(run), "sub cut", "td", title=waits or None)
        if not run.final:
            self._running[run.id] = (run, took)
