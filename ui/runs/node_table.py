"""The nodes of a run, and what they made, as tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from executor.services.amounts import hours, money
from executor.services.views import NodeView, OutputView, RunView
from ui import kit
from ui.i18n import t, t_message
from ui.results.outputs import kind_mark
from ui.results.units import duration, moment, size
from ui.results.usage import host_name

_USED: dict[str, Callable[[NodeView], str]] = {
    "Host": lambda node: host_name(node.host),
    "GPU hours": lambda node: hours(node.usage.gpu_hours),
    "Cost": lambda node: money(node.usage.cost),
}


def draw_nodes(run: RunView, titles: Mapping[str, str], on_choose: Callable[[str], Any]) -> None:
    """A row for each node: state, times, attempts, where, what it used, why."""
    more = _more(run)
    heads = ["Node", "Type", "State", "Started", "Duration", "Attempts", *more, "Why"]
    right = [4, 5, *(6 + place for place, head in enumerate(more) if head != "Host")]
    with kit.div("tablewrap"), kit.table([t(head) for head in heads], right=right):
        for node in run.nodes.values():
            with kit.row(on_click=partial(on_choose, node.node), data_row=node.node):
                with kit.el("td", "name"), kit.div("row"):
                    _called(node, titles[node.node])
                kit.text(node.type, "mono sub", "td")
                with kit.el("td"):
                    kit.chip(node.state)
                kit.text(moment(node.started), "sub", "td")
                kit.text(duration(node.seconds) if node.started or node.cached else "", "r", "td")
                kit.text(node.attempts or "", "r", "td")
                for head in more:
                    kit.text(_USED[head](node), "sub host" if head == "Host" else "r", "td")
                why = _why(node.error, node.reason, node.source_run if node.cached else None)
                kit.text(why, "sub why", "td", title=why)


def _more(run: RunView) -> list[str]:
    """The columns that tell something of this run's nodes."""
    return [head for head, told in _USED.items() if any(told(node) for node in run.nodes.values())]


def draw_artifacts(run: RunView, titles: Mapping[str, str], on_open: Callable[[OutputView], Any]) -> None:
    """A row for each artifact: who made it, kind, size, digest, where it lies."""
    found = [(node, port, output) for node in run.nodes.values() for port, output in node.outputs.items()]
    if not found:
        kit.empty("package", t("No artifacts yet"), t("They are kept once a node has succeeded."))
        return
    heads = [t(head) for head in ("Node", "Output", "Kind", "Size", "Digest", "Where", "")]
    with kit.div("tablewrap"), kit.table(heads, right=[3]):
        for node, port, output in found:
            with kit.row(data_artifact=output.digest):
                with kit.el("td", "name"), kit.div("row"):
                    _called(node, titles[node.node])
                    if node.cached:
                        kit.text(t("from run {run}", run=node.source_run), "dim")
                kit.text(port, "mono", "td")
                with kit.el("td"):
                    kind_mark(output.kind)
                kit.text(size(output.bytes), "r", "td")
                kit.text(output.digest[:12], "mono sub", "td", title=output.digest)
                kit.text(output.path, "mono sub why", "td", title=output.path)
                with kit.el("td"), kit.div("row"):
                    kit.button(
                        t("Look inside"), lambda output=output: on_open(output), kind="ghost", size="mini",
                        action="open-artifact",
                    )  # fmt: skip
                    kit.link(
                        t("Download"), f"/files/{output.digest}.zip", "link sm", download="",
                        data_action="download",
                    )  # fmt: skip


def _called(node: NodeView, title: str) -> None:
    kit.text(title, "cut", "b", title=title)
    if title != node.node:
        kit.text(node.node, "dim mono cut id", title=node.node)


def _why(error: dict[str, Any] | None, reason: str, source: int | None) -> str:
    if error:
        return t_message(str(error.get("message", "")))
    if source is not None:
        return t("from run {run}", run=source)
    return t_message(reason)
