"""A run on the canvas: how each node stands, from the run's feed."""

from __future__ import annotations

from typing import Any

from executor.services.views import NodeView
from ui.canvas.views import Action, Activity
from ui.editor.looks import NodeLook
from ui.i18n import t, t_message
from ui.live import Change, Feed
from ui.results.facts import fraction, how_far
from ui.results.units import duration, number, size

_CAUSE = 160
# The number that a card shows, by the first of these names that a node reports.
_TELLING = ("loss", "train_loss", "accuracy", "f1", "perplexity", "score")


class RunLooks:
    """The looks of a run's nodes; one is made anew only when `take` heard something of its node."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._looks: dict[str, NodeLook] = {}

    def look(self, node: str) -> NodeLook:
        """How a node stands; a node that the run does not have is a draft."""
        found = self._looks.get(node)
        if found is None:
            view = self._feed.view.nodes.get(node)
            found = self._looks[node] = self._made(view) if view is not None else NodeLook()
        return found

    def take(self, change: Change) -> None:
        """Forget the looks of the nodes that something was heard of."""
        for node in change.nodes | change.points.keys():
            self._looks.pop(node, None)

    def retell(self) -> None:
        """Forget all looks: the reader speaks another language now."""
        self._looks.clear()

    def _made(self, node: NodeView) -> NodeLook:
        labels = tuple((port, size(output.bytes)) for port, output in node.outputs.items())
        if node.state == "running":
            progress = self._feed.progress.get(node.node)
            left = progress.get("seconds_left") if progress else None
            message = str(progress.get("message") or "") if progress else ""
            # Why it runs is said until it tells how far it is.
            foot = t_message(message if progress else node.reason)
            time_left = t("{time} left", time=duration(left)) if left is not None else ""
            return NodeLook(
                "running", foot, time=time_left, activity=self._activity(node, progress), labels=labels
            )
        if node.state == "failed":
            return _failed(node)
        if node.state == "cached":
            return NodeLook("cached", t("cached from run {run}", run=node.source_run), labels=labels)
        if node.state == "succeeded":
            return NodeLook("succeeded", time=duration(node.seconds), labels=labels)
        if node.state == "queued":
            # Too long for a foot: “waiting for 4 × A100, position 3 in the queue”.
            return NodeLook("queued", cause=t_message(node.reason), labels=labels)
        # skipped, cancelled: the reason in words, where there is one
        retry = (_retry(),) if node.state == "cancelled" and node.attempts else ()
        return NodeLook(node.state, t_message(node.reason), labels=labels, actions=retry)  # type: ignore[arg-type]

    def _activity(self, node: NodeView, progress: dict[str, Any] | None) -> Activity:
        recent = self._feed.recent.get(node.node, {})
        told = recent.keys() | {name for name, value in node.metrics.items() if value is not None}
        name = next((one for one in _TELLING if one in told), "")
        course = list(recent.get(name, ()))
        value = course[-1] if course else node.metrics.get(name)
        return {
            "spark": course if len(course) > 1 else [],
            "metric": name,
            "value": number(value, digits=3),
            "count": how_far(progress) if progress else "",
            "fraction": fraction(progress),
        }


def _retry() -> Action:
    return {"name": "retry", "title": t("Retry"), "primary": True}


def _failed(node: NodeView) -> NodeLook:
    error = node.error or {}
    category = str(error.get("category", "node"))
    cause = t_message(str(error.get("message", "")))
    actions: tuple[Action, ...] = (_retry(), {"name": "log", "title": t("Log")})
    short = cause if len(cause) <= _CAUSE else f"{cause[: _CAUSE - 1]}…"
    return NodeLook("failed", t(category), time=duration(node.seconds), cause=short, actions=actions)
