"""The time line of a run: what its rows say, and the element that draws them."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from executor.services.views import NodeView, RunView
from ui import kit
from ui.i18n import t, t_message
from ui.results.units import duration

Row = dict[str, Any]
Progress = Mapping[str, dict[str, Any]]


class Gantt(Element, component="gantt.js"):
    """Draws a run; `on_choose(node)` hears which row was clicked, None where it was the chosen one."""

    def __init__(
        self,
        run: RunView,
        progress: Progress,
        titles: Mapping[str, str],
        *,
        selected: str | None,
        on_choose: Callable[[str | None], Any],
    ) -> None:
        super().__init__()
        self._titles = titles
        self._props["shown"] = self._shown(run, progress)
        self._props["selected"] = selected
        self.on("choose", lambda event: on_choose(_chosen(event)))

    def update_rows(self, run: RunView, progress: Progress, changed: Collection[str]) -> None:
        """Draw these nodes anew."""
        whole = self._shown(run, progress)
        dict.__setitem__(self._props, "shown", whole)  # for whoever loads the page again; not sent now
        self.run_method("patch", {**whole, "rows": [row for row in whole["rows"] if row["node"] in changed]})

    def select(self, node: str | None) -> None:
        """Mark a row."""
        dict.__setitem__(self._props, "selected", node)
        self.run_method("select", node)

    def _shown(self, run: RunView, progress: Progress) -> dict[str, Any]:
        return {
            "rows": [
                row_of(node, self._titles[node.node], progress.get(node.node))
                for node in run.nodes.values()
                if not node.left_out
            ],
            "start": run.started or run.created,
            "end": run.finished,
            "offset": time.localtime().tm_gmtoff,
            "now": time.time(),
        }


def row_of(node: NodeView, title: str, progress: Mapping[str, Any] | None) -> Row:
    """A node's row: when it ran, how long it still takes, and that in words."""
    left = progress.get("seconds_left") if progress and node.state == "running" else None
    ran = node.state in ("running", "succeeded", "failed", "cached") or node.started is not None
    return {
        "node": node.node,
        "title": title,
        "state": node.state,
        "word": t(node.state),
        "icon": kit.STATE_ICONS.get(node.state, "clock"),
        "start": (node.started or node.finished) if ran else None,
        "end": node.finished,
        "left": left,
        "text": _words(node, left),
    }


def _words(node: NodeView, left: float | None) -> str:
    if node.state == "cached":
        return t("from run {run}", run=node.source_run)
    if node.state == "running":
        return t("{time} left", time=duration(left)) if left is not None else t_message(node.reason)
    if node.state == "failed":
        category = str((node.error or {}).get("category", ""))
        return " · ".join(word for word in (duration(node.seconds), t(category) if category else "") if word)
    if node.state == "succeeded":
        return duration(node.seconds)
    return t_message(node.reason)


def _chosen(event: GenericEventArguments) -> str | None:
    return str(event.args) if event.args else None
