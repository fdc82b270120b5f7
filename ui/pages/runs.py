"""All runs at `/runs`, one run at `/runs/ID`."""

from __future__ import annotations

from fastapi import FastAPI

from ui import frame
from ui.runs.filters import Filters
from ui.runs.opening import open_run
from ui.runs.runs_view import RunsView
from ui.site import Site


def register(app: FastAPI, site: Site) -> None:
    """The addresses; the filters of the table are part of its address."""

    @frame.page("/runs")
    async def runs(
        days: str = "", pipeline: str = "", state: str = "", trigger: str = "", search: str = ""
    ) -> None:
        filters = Filters.of(days=days, pipeline=pipeline, state=state, trigger=trigger, search=search)
        view = RunsView(site, filters)
        await view.load()
        frame.show(view)
        view.watch()

    @frame.page("/runs/{run:path}")
    async def one(run: str) -> None:
        await open_run(site, run)
