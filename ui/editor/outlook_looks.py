"""How nodes stand while no run is shown: what is there already, what is stale and why."""

from __future__ import annotations

from executor.services.outlook import NodeOutlook
from ui.canvas.views import Action
from ui.editor.looks import NodeLook
from ui.editor.opened import OpenPipeline
from ui.i18n import t, t_message
from ui.results.units import duration, size

_DRAFT = NodeLook()


class OutlookLooks:
    """Looks made from an open pipeline's outlook, in the language of the page at work."""

    def __init__(self, opened: OpenPipeline) -> None:
        self._opened = opened
        self._made: dict[str, tuple[NodeOutlook, NodeLook]] = {}

    def look(self, node: str) -> NodeLook:
        """How a node stands."""
        outlook = self._opened.outlook.get(node)
        if outlook is None:
            return _DRAFT
        known = self._made.get(node)
        if known is None or known[0] != outlook:
            known = self._made[node] = (outlook, _look(outlook))
        return known[1]


def _look(outlook: NodeOutlook) -> NodeLook:
    labels = tuple((port, size(output.bytes)) for port, output in outlook.outputs.items())
    if outlook.state == "succeeded":
        return NodeLook("succeeded", time=duration(outlook.seconds), labels=labels)
    if outlook.state == "cached":
        return NodeLook("cached", t("cached from run {run}", run=outlook.run), labels=labels)
    if outlook.state == "stale":
        return NodeLook("stale", t("stale: {why}", why=t_message(outlook.why)))
    if outlook.state == "skipped":
        return NodeLook("skipped", t("skipped: {why}", why=t_message(outlook.why)))
    if outlook.state == "failed":
        return _failed(outlook)
    return _DRAFT


def _failed(outlook: NodeOutlook) -> NodeLook:
    error = outlook.error or {}
    actions: tuple[Action, ...] = ({"name": "log", "title": t("Log")},) if outlook.run else ()
    message, hint = str(error.get("message", "")), str(error.get("hint", ""))
    return NodeLook(
        "failed", t(str(error.get("category", "node"))), time=duration(outlook.seconds),
        cause=t_message(message), told=t_message(message, hint), actions=actions,
    )  # fmt: skip
