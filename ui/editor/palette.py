"""The palette: node types by category, to drag onto the canvas or to add with Enter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from nodegraph.registry import Registered
from ui import kit
from ui.editor.categories import ICONS, TITLES
from ui.i18n import t

# What the canvas reads when something is dropped on it.
_DRAG = """(event) => {
  event.dataTransfer.setData("application/x-nodegraph-type", event.currentTarget.dataset.type);
  event.dataTransfer.effectAllowed = "copy";
}"""


class Palette:
    """Draws the palette into the element one is in. `on_add(type_id)` hears of Enter and double clicks.

    What was searched and folded in the one `before` stays so.
    """

    def __init__(
        self, types: Iterable[Registered], on_add: Callable[[str], Any], before: Palette | None = None
    ) -> None:
        self._types = list(types)
        self._on_add = on_add
        self._wanted: str = before._wanted if before else ""
        self._closed: set[str] = before._closed if before else set()
        with kit.el("aside", "panel left palette", data_palette=""):
            with kit.div("phead"):
                kit.search(
                    t("Search nodes"), self._search, classes="grow", value=self._wanted,
                    on_enter=self._add_first,
                )  # fmt: skip
            self._list = kit.div("plist")
        self._draw()

    def _search(self, wanted: str) -> None:
        self._wanted = wanted.strip().lower()
        self._draw()

    def _add_first(self, wanted: str) -> Any:
        """Add the first of what is found: Enter after a few letters is the quickest way to a node."""
        self._search(wanted)
        found = [one for category in TITLES for one in self._types if one.node.category == category]
        first = next((one for one in found if self._wanted and self._fits(one)), None)
        return self._on_add(first.id) if first is not None else None

    def _draw(self) -> None:
        self._list.clear()
        found = [one for one in self._types if self._fits(one)]
        with self._list:
            for category in TITLES:
                members = [one for one in found if one.node.category == category]
                if members:
                    self._category(category, members)
            if not found:
                kit.text(t("No node type fits “{wanted}”", wanted=self._wanted), "dim sm none", "p")

    def _category(self, category: str, members: list[Registered]) -> None:
        closed = category in self._closed and not self._wanted

        def toggle() -> None:
            self._closed ^= {category}
            self._draw()

        head = kit.el("button", "pcat", type="button", aria_expanded=str(not closed).lower())
        head.on("click", toggle, [])
        with head:
            kit.icon("chevron-right" if closed else "chevron-down", "t")
            kit.text(t(TITLES[category]), "grow")
            kit.text(len(members), "dim xs")
        if not closed:
            for one in members:
                self._item(one)

    def _item(self, one: Registered) -> None:
        item = kit.el(
            "div", "pitem", draggable="true", tabindex="0", role="button", data_type=one.id, title=one.id,
            aria_label=t(one.node.title),
        )  # fmt: skip
        item.on("dragstart", js_handler=_DRAG)
        item.on("dblclick", lambda: self._on_add(one.id), [])
        item.on("keydown.enter", lambda: self._on_add(one.id), [])
        with item:
            kit.icon(ICONS.get(one.node.category, "package"), "s")
            with kit.div("grow"):
                kit.text(t(one.node.title), "cut", "b")
                kit.text(t(one.summary), "dim xs two", "p")

    def _fits(self, one: Registered) -> bool:
        words = (one.id, one.node.title, t(one.node.title), one.summary, t(one.summary))
        return all(any(part in word.lower() for word in words) for part in self._wanted.split())
