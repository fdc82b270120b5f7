"""Who waits for a place on a host, in the order in which they are served."""

from __future__ import annotations

from collections.abc import Sequence

from executor.services.queue import Waiting
from nodegraph.registry import Registry
from ui import kit
from ui.i18n import t, t_message
from ui.results.titles import title_of
from ui.results.units import moment


def draw_queue(registry: Registry, waiting: Sequence[Waiting]) -> None:
    """A row for each node that waits."""
    with kit.el("header"):
        kit.text(t("Queue"), "", "h3")
        if waiting:
            kit.count(len(waiting))
    if not waiting:
        kit.empty("list-ordered", t("Nothing waits"), t("Every node that could start has a place."))
        return
    heads = [t(head) for head in ("Position", "Run", "Node", "Pipeline", "User", "Asks for", "Why", "Since")]
    with kit.div("tablewrap"), kit.table(heads, right=[0]):
        for one in waiting:
            _row(registry, one)


def _row(registry: Registry, one: Waiting) -> None:
    with kit.el("tr", data_waiting=f"{one.run}/{one.node or ''}"):
        kit.text(one.position or "—", "r", "td")
        with kit.el("td"):
            kit.link(one.run, f"/runs/{one.run}")
        if one.node is None:
            kit.text(t("the whole run"), "dim", "td")
        else:
            title = title_of(registry, one.node, one.type, one.title)
            with kit.el("td", "name", title=f"{title} ({one.node})"):
                kit.text(f"{title} ")
                if title != one.node:
                    kit.text(one.node, "dim mono")
        with kit.el("td", "name"):
            kit.link(one.pipeline, f"/pipelines/{one.pipeline}", "", title=one.pipeline)
        kit.text(one.user or "—", "sub name", "td", title=one.user)
        kit.text(t_message(one.wants) or "—", "name", "td", title=t_message(one.wants))
        why = t_message(one.reason)
        kit.text(why, "sub why", "td", title=why)
        kit.text(moment(one.since), "sub", "td")
