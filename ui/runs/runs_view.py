"""The page of all runs: figures, charts, filters, the table, kept up to date while one looks."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from nicegui import run, ui
from nicegui.element import Element

from executor.services.statistics import Statistics
from executor.services.views import RunView
from ui import frame, kit, plots
from ui.i18n import t
from ui.runs import charts, kpis
from ui.runs.buckets import buckets
from ui.runs.filters import PAGE_SIZE, Filters
from ui.runs.table import RunsTable
from ui.runs.words import DAYS, STATES, TRIGGERS
from ui.site import Site

_TICK = 0.5


@dataclass
class Loaded:
    """What the page shows, read in one go."""

    runs: list[RunView] = field(default_factory=list)
    count: int = 0
    any: bool = False
    now: Statistics = field(default_factory=Statistics)
    before: Statistics | None = None
    titles: dict[str, str] = field(default_factory=dict)


class RunsView:
    """Runs, filtered and counted."""

    section = "runs"

    def __init__(self, site: Site, filters: Filters) -> None:
        self._site = site
        self._filters = filters
        self._loaded = Loaded()
        self._busy = asyncio.Lock()
        self._table: RunsTable | None = None
        self._stale = False

    async def load(self) -> None:
        """Read what is to be shown."""
        found = await run.io_bound(self._read)
        if found is not None:
            self._loaded = found

    def watch(self) -> None:
        """Keep the page at work up to date."""
        self._site.live.watch_list(self._changed)
        ui.timer(_TICK, self._tick)

    def heading(self) -> None:
        """The title."""
        kit.text(t("Runs"), "", "b")

    def actions(self) -> None:
        """How far back one looks."""
        if not self._loaded.any:
            return
        labels = {days: t(label) for days, label in DAYS.items()}
        kit.segmented(labels, self._filters.days, lambda days: self._choose(days=days), action="days")

    def body(self) -> None:
        """Figures, charts, filters and table; or what to do where nothing was run yet."""
        with kit.div("page runs-page", data_page="runs") as page:
            self._page, self._table = page, None
            if not self._loaded.any:
                self._nothing()
                return
            self._figures = kit.div()
            with kit.div("card"):
                with kit.div("row tf"):
                    kit.search(
                        t("Pipeline or number of a run"), lambda text: self._choose(search=text.strip()),
                        value=self._filters.search,
                    )  # fmt: skip
                    self._tags = kit.div("row")
                self._table = RunsTable()
                self._foot = kit.div("foot")
        self._shown: Statistics | None = None
        self._draw()

    def _nothing(self) -> None:
        with kit.div("friendly"):
            kit.empty(
            "activity", t("No runs yet"), t("Open a pipeline and press Run, or begin with a template."),
            t("Open the gallery"), lambda: frame.go("/"), kind="primary",
        )  # fmt: skip

    def _draw(self) -> None:
        loaded = self._loaded
        if self._table is None:
            return
        self._draw_tags()
        self._table.show(loaded.runs, loaded.titles)
        self._foot.clear()
        with self._foot:
            self._draw_foot()
        if self._shown != (settled := _settled(loaded.now)):
            self._shown = settled
            self._figures.clear()
            with self._figures:
                self._draw_figures()

    def _draw_figures(self) -> None:
        kpis.draw(self._loaded.now, self._loaded.before, self._filters.days)
        found = buckets(self._loaded.now.points)
        spent = charts.spent(found)
        with kit.div("two-up" if spent is None else "two-up is-three"):
            with kit.div("card", data_chart="ends"):
                with kit.el("header"):
                    kit.text(t("How runs ended"), "", "h3")
                    charts.legend(found, t("success rate"))
                with kit.div("in"):
                    _chart(charts.ends(found), t("How runs ended"), bool(found))
            with kit.div("card", data_chart="durations"):
                with kit.el("header"):
                    kit.text(t("Duration of runs"), "", "h3")
                    charts.legend(found, t("median"))
                with kit.div("in"):
                    _chart(charts.durations(found), t("Duration of runs"), bool(found))
            if spent is not None:
                title, figure = spent
                with kit.div("card", data_chart="spent"):
                    with kit.el("header"):
                        kit.text(title, "", "h3")
                    with kit.div("in"):
                        plots.Plot(figure, label=title)

    def _draw_tags(self) -> None:
        filters = self._filters
        titles = dict(sorted(self._loaded.titles.items(), key=lambda item: item[1]))
        self._tags.clear()
        with self._tags:
            self._tag("state", t("State"), {state: t(state) for state in STATES}, kit.STATE_ICONS)
            self._tag("trigger", t("Trigger"), {trigger: t(trigger) for trigger in TRIGGERS}, TRIGGERS)
            if filters.pipeline and filters.pipeline not in titles:
                titles[filters.pipeline] = filters.pipeline
            if titles:
                self._tag("pipeline", t("Pipeline"), titles, {})
            if filters.narrow:
                kit.button(
                    t("Clear"), self._clear, kind="ghost", size="mini", glyph="x", action="clear-filters"
                )

    def _tag(self, name: str, label: str, options: Mapping[str, str], glyphs: Mapping[str, str]) -> None:
        chosen: str = getattr(self._filters, name)
        with kit.el(
            "button", "tag on" if chosen else "tag", type="button", data_filter=name, aria_haspopup="menu"
        ):
            shown = t("{label}: {value}", label=label, value=options.get(chosen, chosen)) if chosen else label
            kit.text(shown, "cut")
            kit.icon("chevron-down", "t")
            entries: list[kit.Entry | None] = [
                kit.Entry(
                    text, partial(self._choose, **{name: value}), glyphs.get(value, ""), f"{name}-{value}"
                )
                for value, text in options.items()
            ]
            kit.menu(
                [kit.Entry(t("Any"), partial(self._choose, **{name: ""}), "", f"{name}-any"), None, *entries]
            )

    def _draw_foot(self) -> None:
        loaded, first = self._loaded, self._filters.page * PAGE_SIZE
        if not loaded.runs:
            kit.empty("search-x", t("No run fits"), t("Choose other days, or clear the filters."))
            return
        with kit.div("row tf dim sm"):
            last = first + len(loaded.runs)
            kit.text(t("{first} to {last} of {count}", first=first + 1, last=last, count=f"{loaded.count:,}"))
            with kit.div("row end"):
                self._turn("chevron-left", t("Earlier page"), -1, first == 0)
                self._turn("chevron-right", t("Next page"), 1, last >= loaded.count)

    def _turn(self, glyph: str, tip: str, by: int, off: bool) -> Element:
        turn = partial(self._choose, page=self._filters.page + by)
        action = "next-page" if by > 0 else "earlier-page"
        return kit.button("", turn, kind="ghost", size="mini", glyph=glyph, tip=tip, off=off, action=action)

    async def _choose(self, **chosen: str | int) -> None:
        if "page" not in chosen:
            self._filters.page = 0
        for name, value in chosen.items():
            setattr(self._filters, name, value)
        # A reload, or a link sent to somebody, shows the same runs.
        ui.run_javascript(f"history.replaceState(history.state, '', {json.dumps(self._filters.address)})")
        await self._refresh()

    async def _clear(self) -> None:
        with self._page:
            frame.go(Filters(days=self._filters.days).address)

    def _changed(self) -> None:
        """Some run began, ended or changed its state."""
        self._stale = True

    async def _tick(self) -> None:
        if self._stale:
            self._stale = False
            await self._refresh()
        if self._table is not None:
            self._table.tick(time.time())

    async def _refresh(self) -> None:
        async with self._busy:
            had_any = self._loaded.any
            await self.load()
            if self._loaded.any and not had_any:
                with self._page:
                    frame.go(self._filters.address)
            self._draw()

    def _read(self) -> Loaded:
        runs, filters = self._site.workspace.runs, self._filters
        now = time.time()
        wanted = filters.wanted(now)
        found = Loaded(
            runs=runs.list(PAGE_SIZE, offset=filters.page * PAGE_SIZE, **wanted),
            count=runs.count(**wanted), any=bool(runs.list(1)), now=runs.statistics(**filters.wider(now)),
            titles={one.name: one.title or one.name for one in self._site.workspace.pipelines.list()},
        )  # fmt: skip
        if filters.days != "all":
            found.before = runs.statistics(**filters.wider(now, back=1))
        return found


def _settled(now: Statistics) -> Statistics:
    """The figures without what runs that go on have used: that grows all the time."""
    points = [one if one.seconds is not None else replace(one, cost=0.0, gpu_hours=0.0) for one in now.points]
    return replace(now, cpu_hours=0.0, gpu_hours=0.0, cost=0.0, points=points)


def _chart(figure: plots.Figure, label: str, any_runs: bool) -> None:
    if any_runs:
        plots.Plot(figure, label=label)
    else:
        kit.text(t("No runs in these days"), "dim sm none")
