"""The page of services: the list, the conversation with one (or with two, side by side), the facts."""

from __future__ import annotations

from nicegui import ui
from nicegui.element import Element

from ui import kit
from ui.chat.conversation import Conversation, Conversations
from ui.frame import go
from ui.i18n import t
from ui.serving import listing
from ui.serving.acting import Acting
from ui.serving.column import Column, Doings
from ui.serving.composer import Composer
from ui.serving.desk import Desk, Seen
from ui.serving.part import Part
from ui.serving.side import Side
from ui.serving.watcher import Watcher
from ui.site import Site

_LOOK_SECONDS = 2.0
_FOLLOW_SECONDS = 0.1  # no more than ten messages a second


class ServicesView:
    """What one page shows; kept while its elements are drawn anew in another language."""

    section = "services"

    def __init__(
        self, site: Site, desk: Desk, conversations: Conversations, visitor: str, selected: str | None
    ) -> None:
        self._site = site
        self._desk = desk
        self._conversations = conversations
        self._visitor = visitor
        self._selected = selected
        self._beside: str | None = None
        self._tab = "facts"
        self._acting = Acting(desk, lambda: self._draw(desk.known))
        self._visible = True
        self._shown: tuple[object, ...] = ()
        self._columns: list[Column] = []
        self._composer: Composer | None = None
        self._side: Side | None = None
        self._list: Part | None = None
        self._frame: Element | None = None

    def heading(self) -> None:
        """The title of the page."""
        kit.text(t("Services"), "", "b")

    def actions(self) -> None:
        """None: services come out of runs."""

    def body(self) -> None:
        """The three panels, and what keeps them up to date."""
        self._frame = kit.div("serving")
        self._shown = ()
        self._draw(self._desk.known)
        Watcher(self._keep_visible, self._go_to)
        ui.timer(_LOOK_SECONDS, self._look)
        ui.timer(_FOLLOW_SECONDS, self._follow)

    def choose(self, name: str | None, *, push: bool = True) -> None:
        """Show another service."""
        self._selected, self._beside = name, None
        if push and name:
            ui.navigate.history.push(f"/services/{name}")
        self._draw(self._desk.known)
        if self._composer is not None:
            self._composer.focus()

    async def _look(self) -> None:
        if self._visible:
            self._draw(await self._desk.look())
            if self._side is not None:
                await self._side.read_log()

    def _follow(self) -> None:
        for column in self._columns:
            column.pane.follow()
        if self._composer is not None:
            self._composer.follow()

    def _draw(self, services: list[Seen] | None) -> None:
        """Draw the panels where which ones there are has changed, and otherwise what is in them."""
        frame = self._frame
        if frame is None or frame.is_deleted:
            return
        if self._selected is None and services:
            self._selected = services[0].name
        with frame:  # whoever called may be among what is removed here
            self._draw_in(frame, services)

    def _draw_in(self, frame: Element, services: list[Seen] | None) -> None:
        seen = {one.name: one for one in services or []}
        wanted = [name for name in (self._selected, self._beside) if name is not None]
        shown = [seen[name] for name in wanted if name in seen]
        kind = (services is not None, bool(seen), *wanted, *((one.name, one.live.digest) for one in shown))
        if kind != self._shown:
            self._shown = kind
            self._columns, self._composer, self._side, self._list = [], None, None, None
            frame.clear()
            self._draw_panels(services, shown)
        if self._list is not None:
            lines = [listing.seen(one) for one in services or []]
            self._list.show(services, self._selected, self.choose, key=(lines, self._selected))
        for column, one in zip(self._columns, shown, strict=False):
            column.told(one)
        if self._side is not None:
            self._side.told(shown[0])
        self._follow()

    def _draw_panels(self, services: list[Seen] | None, shown: list[Seen]) -> None:
        if services is None:
            with kit.div("page wide"):
                kit.skeleton(6)
            return
        if not services and self._selected is None:
            with kit.div("page wide"):
                _nothing_yet()
            return
        with kit.el("aside", "panel left"):
            self._list = Part(kit.div("col grow"), listing.draw)
        if not shown:
            with kit.div("panel missing"):
                kit.empty(
                    "search-x", t("There is no service {name}", name=self._selected),
                    t("It may have another name by now. The list at the left shows those there are."),
                )  # fmt: skip
            return
        self._draw_middle(shown)
        if len(shown) == 1:
            with kit.el("aside", "panel right"):
                conversation = self._conversation(shown[0].name)
                self._side = Side(self._site.workspace, conversation, shown[0], self._tab, self._keep_tab)

    def _draw_middle(self, shown: list[Seen]) -> None:
        with kit.el("section", "panel middle"):
            with kit.div("columns"):
                for index, one in enumerate(shown):
                    conversation = self._conversation(one.name)
                    leave = (lambda: self._compare(None)) if index else None
                    doings = Doings(self._acting, self._compare, self._others, leave)
                    self._columns.append(Column(self._site.workspace, conversation, one, doings))
            self._composer = Composer(self._columns)

    def _conversation(self, name: str) -> Conversation:
        return self._conversations.of(self._visitor, name)

    def _others(self) -> list[str]:
        """The services that could be put beside the one shown; none where one is already."""
        known = [] if self._beside else self._desk.known or []
        return [one.name for one in known if one.name != self._selected]

    def _compare(self, other: str | None) -> None:
        self._beside = other
        self._draw(self._desk.known)

    def _keep_tab(self, tab: str) -> None:
        self._tab = tab

    def _keep_visible(self, visible: bool) -> None:
        self._visible = visible

    def _go_to(self, address: str) -> None:
        self.choose(address.removeprefix("/services").strip("/") or None, push=False)


def _nothing_yet() -> None:
    kit.empty(
        "radio",
        t("No services yet"),
        t("Run a pipeline that ends in deploy.service. You can then talk to its model here."),
        t("Open pipelines"),
        lambda: go("/pipelines"),
        kind="primary",
        action="pipelines",
    )
