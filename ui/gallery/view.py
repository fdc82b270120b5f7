"""The gallery page: three templates to start with, then all of them, searched and filtered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from nicegui.element import Element

from ui import kit
from ui.gallery import needs
from ui.gallery.cards import CATEGORIES, HEROES, Card, cards_of, matching
from ui.gallery.picture import draw
from ui.gallery.use import use_template
from ui.i18n import t
from ui.pipelines.importing import import_dialog
from ui.pipelines.new import new_dialog
from ui.site import Site


@dataclass
class Filters:
    """What the reader wants to see."""

    query: str = ""
    category: str = ""
    cpu: bool = False
    offline: bool = False


@dataclass
class GalleryView:
    """The page `/`."""

    site: Site
    cards: list[Card] = field(default_factory=list)
    filters: Filters = field(default_factory=Filters)
    section: str = "gallery"

    async def load(self) -> None:
        """Read the templates."""
        self.cards = await asyncio.to_thread(cards_of, self.site.workspace)

    def heading(self) -> None:
        """The title."""
        kit.text(t("Gallery"), "", "b")

    def actions(self) -> None:
        """Import, and begin with nothing."""
        kit.button(
            t("Import YAML"), lambda: import_dialog(self.site, self._page), glyph="upload", action="import"
        )
        kit.button(
            t("Blank pipeline"), lambda: new_dialog(self.site, self._page), glyph="plus", action="new",
            kind="primary", data_key="n",
        )  # fmt: skip

    def body(self) -> None:
        """The templates."""
        self._page = kit.div("page gallery")
        with self._page:
            kit.text(t("Start here"), "lead", "h2")
            with kit.div("heroes"):
                for card in self.cards:
                    if card.name in HEROES:
                        self._hero(card, primary=card.name == HEROES[0])
            with kit.div("row flt"):
                self._searching = kit.div("")
                self._tags()
            with kit.div("grid", role="list"):
                self._shown = {card.name: self._card(card) for card in self.cards}
                self._nothing = kit.empty(
                    "search", t("No template fits"),
                    t("Search for other words, or begin with a blank pipeline."),
                    t("Show all templates"), self._reset, action="show-all",
                )  # fmt: skip
        self._search_field()
        self._show()

    def _hero(self, card: Card, *, primary: bool) -> None:
        with kit.el("article", "card hero", data_hero=card.name):
            with kit.el("figure"):
                draw(card.picture)
            with kit.div("grow col"):
                kit.text(card.title, "cut", "h2", title=card.title)
                kit.text(card.description, "sub sm does", "p")
                with kit.div("row"):
                    kit.button(
                        t("Use template"), lambda: self._use(card), kind="primary" if primary else "",
                        action="use-template",
                    )  # fmt: skip
                    kit.text(needs.sentence(card), "dim xs cut", title=needs.sentence(card))

    def _search_field(self) -> None:
        self._searching.clear()
        with self._searching:
            kit.search(t("Search {n} templates", n=len(self.cards)), self._search, value=self.filters.query)

    def _tags(self) -> None:
        """The categories, of which one holds, and what can be switched on besides."""
        self._marks: dict[str, Element] = {}
        for name, label in {"": t("All"), **{name: t(label) for name, label in CATEGORIES.items()}}.items():
            count = len(matching(self.cards, category=name))
            self._tag(name or "all", f"{label} {count}", partial(self._choose, name))
        kit.div("vr")
        self._tag("cpu", t("CPU only"), lambda: self._switch("cpu"), "cpu")
        self._tag("offline", t("Offline"), lambda: self._switch("offline"), "wifi-off")

    def _tag(self, name: str, label: str, press: Callable[[], None], glyph: str = "") -> None:
        with kit.el("button", "tag", type="button", data_filter=name) as made:
            if glyph:
                kit.icon(glyph, "t")
            kit.text(label)
        made.on("click", press, [])
        self._marks[name] = made

    def _show(self) -> None:
        """Show what the filters leave. Cards are hidden, never made anew: one may be clicked right now."""
        wanted = self.filters
        found = matching(self.cards, wanted.query, wanted.category, cpu=wanted.cpu, offline=wanted.offline)
        names = {card.name for card in found}
        for name, card in self._shown.items():
            card.set_visibility(name in names)
        self._nothing.set_visibility(not found)
        on = {wanted.category or "all", *(name for name in ("cpu", "offline") if getattr(wanted, name))}
        for name, mark in self._marks.items():
            mark.classes(add="on") if name in on else mark.classes(remove="on")
            mark.props["aria-pressed"] = "true" if name in on else "false"

    def _card(self, card: Card) -> Element:
        with kit.el(
            "article", "card tpl", data_template=card.name, role="button", tabindex="0", aria_label=card.title
        ) as made:
            with kit.el("figure"):
                draw(card.picture)
            with kit.div("tb"):
                kit.text(card.title, "cut", "h3", title=card.title)
                kit.text(card.description, "sub sm clip2", "p", title=card.description)
                with kit.div("row labels"):
                    for word in card.tags:
                        kit.tag(t(word))
            with kit.el("footer"):
                needs.foot(card)
        made.on("click", lambda: self._use(card), [])
        made.on("keydown.enter", lambda: self._use(card), [])
        return made

    def _choose(self, category: str) -> None:
        self.filters.category = category
        self._show()

    def _switch(self, name: Literal["cpu", "offline"]) -> None:
        setattr(self.filters, name, not getattr(self.filters, name))
        self._show()

    def _search(self, query: str) -> None:
        self.filters.query = query
        self._show()

    def _reset(self) -> None:
        self.filters = Filters()
        self._search_field()
        self._show()

    def _use(self, card: Card) -> None:
        with self._page:
            use_template(self.site, card)
