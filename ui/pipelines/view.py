"""The page of pipelines: a table with search, the last run of each, and what to do next."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from nicegui import ui

from ui import kit
from ui.i18n import t
from ui.pipelines.actions import Actions, go
from ui.pipelines.deleted import deleted_dialog
from ui.pipelines.importing import import_dialog
from ui.pipelines.new import new_dialog
from ui.pipelines.rows import Row, matching, rows_of
from ui.results.units import duration, moment
from ui.site import Site

_EVERY_SECONDS = 2.0
# More rows than that wait for a click.
_AT_ONCE = 100


@dataclass
class PipelinesView:
    """The page `/pipelines`."""

    site: Site
    rows: list[Row] = field(default_factory=list)
    deleted: int = 0
    query: str = ""
    limit: int = _AT_ONCE
    section: str = "pipelines"

    async def load(self) -> None:
        """Read the list."""
        self.rows, self.deleted = await asyncio.to_thread(_read, self.site)

    def heading(self) -> None:
        """The title."""
        kit.text(t("Pipelines"), "", "b")

    def actions(self) -> None:
        """Import, and a new one."""
        kit.button(t("Import YAML"), self._import, glyph="upload", action="import", data_key="i")
        kit.button(
            t("New pipeline"), self._new, glyph="plus", kind="primary", action="new", data_key="n",
            tip=t("Key N"),
        )  # fmt: skip

    def body(self) -> None:
        """The table."""
        self._page = kit.div("page pipelines")
        self._looks = 0
        self._actions = Actions(self.site, self._page, self._look)
        with self._page:
            self._list = kit.div("list")
            self._timer = ui.timer(_EVERY_SECONDS, self._look, immediate=False)
        self._build()

    def _build(self) -> None:
        self._list.clear()
        with self._list:
            with kit.div("row flt"):
                if self.rows:
                    kit.search(t("Search pipelines"), self._search, value=self.query)
                self._bin = kit.div("end")
            self._card = kit.div("card pl-card")
        self._fill()

    def _nothing(self) -> None:
        kit.empty(
            "workflow", t("No pipelines yet"),
            t("A template gives you one that runs; a blank one is yours to draw."),
            t("Choose a template"), lambda: go("/"), kind="primary", action="gallery",
        )  # fmt: skip

    def _fill(self) -> None:
        found = matching(self.rows, self.query)
        self._fill_bin()
        self._card.clear()
        with self._card:
            if not self.rows:
                self._nothing()
                return
            if not found:
                kit.empty(
                    "search", t("No pipeline fits"), t("Search looks at names and titles."),
                    t("Show all pipelines"), self._show_all, action="show-all",
                )  # fmt: skip
                return
            heads = ["Pipeline", "Version", "Nodes", "Last run", "", "Changed", "Next", ""]
            with kit.table([t(head) if head else "" for head in heads], right=(1, 2), classes="pl-table"):
                for row in found[: self.limit]:
                    self._row(row)
            if len(found) > self.limit:
                label = t("Show {n} more", n=min(_AT_ONCE, len(found) - self.limit))
                kit.button(label, self._show_more, kind="ghost", action="show-more", classes="rest")

    def _fill_bin(self) -> None:
        self._bin.clear()
        with self._bin:
            if self.deleted:
                label = t("{n} deleted", n=self.deleted)
                kit.button(label, self._show_deleted, kind="ghost", glyph="trash-2", action="deleted")

    def _show_deleted(self) -> None:
        deleted_dialog(self.site, self._page, self._look)

    def _row(self, row: Row) -> None:
        name = row.pipeline.name
        address = f"/pipelines/{name}"
        with kit.row(address, data_pipeline=name):
            with kit.el("td", "wide"):
                kit.link(row.title, address, "title cut", title=row.title)
                with kit.div("row under"):
                    kit.text(name, "mono xs dim cut", title=name)
                    if row.draft:
                        kit.text(t("unsaved changes"), "xs draft nw")
            kit.text(row.pipeline.version, "r", "td")
            kit.text(row.nodes, "r", "td")
            if row.run is not None:
                with kit.el("td"):
                    kit.chip(row.run.state)
            with kit.el("td", colspan="1" if row.run else "2"):
                _last_run(row)
            kit.text(moment(row.pipeline.created), "sub", "td")
            with kit.el("td", "acts"):
                self._actions.next(row)
            with kit.el("td", "r acts"):
                self._actions.more(row)

    def _new(self) -> None:
        new_dialog(self.site, self._page)

    def _import(self) -> None:
        import_dialog(self.site, self._page, self._look)

    async def _look(self) -> None:
        """Read the list again, and draw it again where it has changed."""
        self._looks = turn = self._looks + 1
        rows, deleted = await asyncio.to_thread(_read, self.site)
        # Whoever looked later knows better.
        if self._page.is_deleted or turn != self._looks:
            return
        if deleted == self.deleted and _signature(rows) == _signature(self.rows):
            return
        build = self._build if bool(rows) != bool(self.rows) else self._fill
        self.rows, self.deleted = rows, deleted
        build()

    def _search(self, query: str) -> None:
        self.query = query
        self._fill()

    def _show_more(self) -> None:
        self.limit += _AT_ONCE
        self._fill()

    def _show_all(self) -> None:
        self.query = ""
        self._build()


def _read(site: Site) -> tuple[list[Row], int]:
    """The list, and how many are deleted."""
    return rows_of(site.workspace), len(site.workspace.pipelines.list(deleted=True))


def _last_run(row: Row) -> None:
    last = row.run
    if last is None:
        kit.text(t("never ran"), "dim")
        return
    label = t("run {n}", n=last.id)
    link = kit.link(label, f"/runs/{last.id}", "link nw")
    link.on("click.stop", js_handler="() => {}")
    took = duration(last.seconds) if last.final else ""
    kit.text(" · ".join(part for part in (moment(last.created), took) if part), "sub when nw")


def _signature(rows: list[Row]) -> list[tuple[object, ...]]:
    """What of the list is seen; the time that a run has taken so far is not."""
    return [
        (
            row.pipeline.name, row.pipeline.title, row.pipeline.version, row.draft, row.next,
            (row.run.id, row.run.state) if row.run else None,
        )
        for row in rows
    ]  # fmt: skip
