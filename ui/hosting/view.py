"""The page of hosts: a card for each, this machine first, and below them who waits for a place."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui
from nicegui.element import Element

from executor.services.queue import Waiting
from ui import kit
from ui.hosting.acting import Acting
from ui.hosting.cards import HostCard
from ui.hosting.desk import Desk, Seen
from ui.hosting.queue_table import draw_queue
from ui.i18n import t
from ui.serving.part import Part
from ui.site import Site

_LOOK_SECONDS = 2.0
EXAMPLE = "nodegraph hosts add gpu-1 ssh://me@gpu-1 --label big"


class HostsView:
    """What one page shows; kept while its elements are drawn anew in another language."""

    section = "hosts"

    def __init__(self, site: Site, desk: Desk) -> None:
        self._desk = desk
        self._registry = site.workspace.registry
        self._acting = Acting(site.workspace, desk, self._look)
        self._page: Element | None = None

    def heading(self) -> None:
        """The title of the page."""
        kit.text(t("Hosts"), "", "b")

    def actions(self) -> None:
        """Adding a host."""
        kit.button(
            t("Add host"), self._acting.add, kind="primary", glyph="plus", action="host-add", data_key="n",
            tip=f"{t('Add host')} (N)",
        )  # fmt: skip

    def body(self) -> None:
        """The cards and the queue, and what keeps them up to date."""
        self._cards: dict[str, HostCard] = {}
        with kit.div("page hosts-page", data_page="hosts") as self._page:
            self._list = kit.div("host-list")
            self._alone = Part(kit.div(), self._draw_alone)
            self._queue = Part(kit.el("section", "card queue", data_queue=""), self._draw_queue)
        self._draw(self._desk.known)
        ui.timer(_LOOK_SECONDS, self._look)

    async def _look(self) -> None:
        self._draw(await self._desk.look())

    def _draw(self, seen: Seen | None) -> None:
        if seen is None or self._page is None or self._page.is_deleted:
            return
        for name in self._cards.keys() - {host.name for host in seen.hosts}:
            self._cards.pop(name).remove()
        for place, host in enumerate(seen.hosts):
            if host.name not in self._cards:
                with self._list:
                    self._cards[host.name] = HostCard(self._acting, host)
                self._cards[host.name].move(self._list, place)
            self._cards[host.name].told(host, host.name in seen.checking)
        self._alone.show(len(seen.hosts) < 2)
        self._queue.show(seen.waiting)

    def _draw_queue(self, waiting: Sequence[Waiting]) -> None:
        draw_queue(self._registry, waiting)

    def _draw_alone(self, alone: bool) -> None:
        if not alone:
            return
        with kit.div("card alone"):
            kit.empty(
                "server", t("Only this machine so far"),
                t("Any machine with a Docker engine can run nodes too. Each node goes where it finds what it "
                  "asks for, such as GPUs."),
                t("Add host"), self._acting.add, action="host-add-first",
            )  # fmt: skip
            with kit.div("row cli"):
                kit.text(t("or in a terminal:"), "dim sm")
                kit.text(EXAMPLE, "mono", "code")
                kit.copy_button(EXAMPLE, tip=t("Copy"))
