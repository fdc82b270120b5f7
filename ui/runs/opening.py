"""Opens the page of a run, or says that there is no such run."""

from __future__ import annotations

from nicegui import run

from executor.services.views import RunView
from nodegraph.errors import NodeGraphError, NotFound
from nodegraph.pipeline import Pipeline
from ui import frame, kit
from ui.i18n import t
from ui.live import Change
from ui.runs.curves import Courses, read_courses
from ui.runs.run_view import RunPage
from ui.site import Site


class NoRun:
    """What stands where there is no such run."""

    section = "runs"

    def __init__(self, asked: str) -> None:
        self._asked = asked[:40]

    def heading(self) -> None:
        """Where one is."""
        frame.crumbs((t("Runs"), "/runs"), (self._asked, None))

    def actions(self) -> None:
        """Nothing can be done with it."""

    def body(self) -> None:
        """Say so."""
        with kit.div("page"), kit.div("friendly"):
            kit.empty(
                "search-x", t("There is no run {run}", run=self._asked),
                t("It may belong to another data directory, or the address may be cut short."),
                t("Show all runs"), lambda: frame.go("/runs"), kind="primary", action="all-runs",
            )  # fmt: skip


async def open_run(site: Site, asked: str) -> None:
    """Build the page of a run, and keep it up to date."""
    try:
        found = await run.io_bound(site.workspace.runs.get, asked)
    except NotFound:
        frame.show(NoRun(asked))
        return
    told: list[Change] = []
    pages: list[RunPage] = []

    async def update(change: Change) -> None:
        # What happens while the page is being built waits for it.
        if pages:
            await pages[0].update(change)
        else:
            told.append(change)

    if found is None:
        return  # the server ends
    watch = await site.live.watch(found.id, update)
    read = await run.io_bound(_read, site, watch.feed.view)
    if read is None:
        return
    page = RunPage(site, watch.feed, *read)
    frame.show(page)
    pages.append(page)
    for change in told:
        await page.update(change)


def _read(site: Site, view: RunView) -> tuple[str, Pipeline | None, str | None, Courses]:
    runs = site.workspace.runs
    try:
        title = site.workspace.pipelines.get(view.pipeline).title or view.pipeline
    except NodeGraphError:
        title = None
    return runs.text(view.id), runs.pipeline(view.id), title, read_courses(runs, view)
