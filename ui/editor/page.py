"""The page of one pipeline: palette, canvas, problems, and at the right a form, a file or a run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from nicegui import context, ui

from executor.services.runs import Runs
from executor.services.views import RunView
from nodegraph.errors import NodeGraphError, NotFound
from nodegraph.problems import Problem
from ui import kit
from ui.canvas.canvas import Canvas
from ui.editor.canvas_view import CanvasView
from ui.editor.context_menu import open_menu, open_run_menu
from ui.editor.files import export, replace_dialog
from ui.editor.intents import Intents
from ui.editor.joining import Joining
from ui.editor.middle import middle
from ui.editor.opened import OpenPipeline, What
from ui.editor.palette import Palette
from ui.editor.problems_panel import ProblemsPanel
from ui.editor.redrawing import Redrawing
from ui.editor.right_side import RightSide
from ui.editor.run_options import RunOptions
from ui.editor.running import Starter
from ui.editor.saving import save
from ui.editor.secret_dialog import secret_dialog
from ui.editor.session import Session
from ui.editor.shortcuts import show_keys
from ui.editor.shown_run import RunActions, ShownRun
from ui.editor.toolbar import Commands, EditActions, Heading
from ui.i18n import t
from ui.live import Change
from ui.pipelines.versions import versions_dialog
from ui.site import Site


class EditorPage:
    """The page `/pipelines/NAME`. The frame builds it anew when the reader changes the language."""

    section = "pipelines"
    _right: RightSide

    def __init__(self, site: Site, opened: OpenPipeline) -> None:
        self.session = Session(site, opened)
        self._site, self._opened = site, opened
        self._starter = Starter(self.session)
        self._run: ShownRun | None = None
        self._palette: Palette | None = None
        self._built = False
        self._joining = Joining(
            self.session, site.workspace.runs, _latest,
            lambda: self._run.id if self._run is not None else None, self.show_run,
        )  # fmt: skip
        self._redrawing = Redrawing(self._draw, self._follow)
        context.client.on_delete(opened.watch(self._told))
        site.live.watch_list(opened.look_again)

    async def prepare(self, run: int | None) -> None:
        """Find the run to show: the one asked for, or one that goes on."""
        if run is None:
            run = await asyncio.to_thread(_latest, self._site.workspace.runs, self._opened.name)
        if run is not None:
            try:
                shown = await self._watched(run)
            except NotFound:
                return
            if shown.feed.view.pipeline == self._opened.name:
                self._take_run(shown)
            else:
                shown.watch.close()

    def heading(self) -> None:
        """What is edited."""
        self._heading = Heading(self.session)

    def actions(self) -> None:
        """What can be done with it."""
        self._actions_at = kit.div("row acts")

    def body(self) -> None:
        """Palette, canvas, problems, and the right side."""
        yaml_was_open = self._built and self._right.shows_yaml
        if self._run is not None:
            self._run.looks.retell()
        self._intents = Intents(self.session, self)
        with kit.div("editor", data_editor="") as self._root:
            self.session.where = self._root
            self._palette = Palette(self._site.workspace.registry, self._add_in_the_middle, self._palette)
            with kit.div("mid"):
                self._view = CanvasView(self.session, self._run, self._intents)
                self._problems = ProblemsPanel(
                    self._open_problem, lambda one: secret_dialog(self.session, one)
                )
            self._right = RightSide(self.session, self._view.outlook, self.run, self.select)
        if not self._built:
            self._site.live.watch_list(self._joining.look_soon)
        self._built = True
        self._show_mode()
        if yaml_was_open:
            ui.timer(0, self._right.toggle_yaml, once=True)

    @property
    def canvas(self) -> Canvas:
        """The canvas."""
        return self._view.canvas

    def select(self, ids: list[str]) -> None:
        """Select these on the canvas."""
        self.session.selected = ids
        self._view.draw()
        self._right.select()

    def selected(self) -> None:
        """Something else is selected on the canvas."""
        self._view.was_selected()
        self._right.select()

    def open_node(self, node: str) -> None:
        """Show a node's form, or its results."""
        if self._run is None:
            self._right.show_form()
        self.select([node])

    def open_menu(self, detail: Mapping[str, Any]) -> None:
        """A menu at the pointer."""
        if self._run is None:
            open_menu(self.session, self._intents, self.run, detail)
        elif self._run.ended:
            open_run_menu(self.session, self._run.feed.view, self._rerun, detail)

    async def act(self, node: str, name: str) -> None:
        """A button on a card."""
        if name == "retry" and self._run is not None:
            await self._rerun(node)
            return
        outlook = self._opened.outlook.get(node)
        if self._run is None and outlook is not None and outlook.run is not None:
            await self.show_run(outlook.run)
        self.select([node])
        self._right.show_log(node)

    async def run(self, **options: Any) -> None:
        """Start a run and show it; where there are problems, show those."""
        if self._run is not None and not self._run.ended:
            return
        self._problems.toggle(True)
        with self._joining.starting():
            started = await self._starter.start(**options)
            if started is not None:
                await self.show_run(started)

    async def save(self) -> None:
        """Save a version."""
        await save(self.session)

    async def show_run(self, run: int) -> None:
        """Show a run on the canvas."""
        shown = await self._watched(run)
        self._put_run_away()
        self._take_run(shown)
        ui.navigate.history.replace(f"/pipelines/{self._opened.name}?run={run}")
        self._view.show_run(self._run)
        self._show_mode()

    def edit(self) -> None:
        """Back to editing."""
        self._put_run_away()
        self._joining.stay()
        ui.navigate.history.replace(f"/pipelines/{self._opened.name}")
        self._opened.look_again()
        self._view.show_run(None)
        self._show_mode()

    def _show_mode(self) -> None:
        """Show what goes with editing, or with the run."""
        running = self._run is not None
        self._root.classes(add="is-run") if running else self._root.classes(remove="is-run")
        self._build_actions()
        if self._run is not None:
            self._right.show_run(self._run)
        else:
            self._right.show_form()
        self._follow()

    def _build_actions(self) -> None:
        self._actions_at.clear()
        with self._actions_at:
            if self._run is not None:
                self._actions: EditActions | RunActions = RunActions(
                    self.session, self._run, self._rerun, self.edit
                )
                return
            commands = Commands(
                run=self.run, run_options=lambda: RunOptions(self.session, self.run), save=self.save,
                note=self._add_note, frame=self._add_frame,
                arrange=lambda: self._intents.arrange(), problems=lambda: self._problems.toggle(True),
                versions=self._versions, yaml=lambda: self._right.toggle_yaml(), keys=show_keys,
                export=lambda: export(self.session), replace=lambda: replace_dialog(self.session),
            )  # fmt: skip
            self._actions = EditActions(self.session, commands)

    def _told(self, what: What) -> None:
        if self._built:
            self._redrawing.told(what)

    async def _run_changed(self, change: Change) -> None:
        if self._run is None or not self._built:
            return
        self._run.looks.take(change)
        self._redrawing.draw_soon()
        await self._right.update(change)
        if change.run and isinstance(self._actions, RunActions):
            self._actions.refresh()

    def _draw(self) -> None:
        self._view.draw()

    def _follow(self) -> None:
        """Bring everything round the canvas up to date."""
        if self._root.is_deleted:
            return
        with self._root:
            self._heading.refresh()
            self._actions.refresh()
            self._problems.show(self._opened.problems if self._run is None else [])
            self._right.refresh()
            self._view.show_start()

    async def _watched(self, run: int) -> ShownRun:
        watch = await self._site.live.watch(run, self._run_changed)
        runs, types = self._site.workspace.runs, self.session.document.types
        return await asyncio.to_thread(lambda: ShownRun(watch, runs.pipeline(run), types))

    def _take_run(self, shown: ShownRun) -> None:
        self._run = shown
        self._joining.knows(shown.id)

    def _put_run_away(self) -> None:
        if self._run is not None:
            self._run.watch.close()
            self._run = None

    async def _rerun(self, node: str | None) -> None:
        """The run's own text once more; from a node on where one is named."""
        assert self._run is not None
        runs, shown = self._site.workspace.runs, self._run.id
        with self._joining.starting():
            try:
                started = await asyncio.to_thread(runs.rerun, shown, from_node=node)
            except NodeGraphError as error:
                self.session.say(error, t("Nothing was started"))
                return
            await self.show_run(started)

    async def _add_in_the_middle(self, type_id: str) -> None:
        if self._run is None:
            self._intents.add(type_id, *self.session.document.clear_place(*await middle()))

    async def _add_note(self) -> None:
        x, y = await middle()
        self._intents("note", {"x": x, "y": y})

    def _add_frame(self) -> None:
        self.session.do(lambda: self.session.document.add_group(self.session.nodes, t("Frame")))

    async def _open_problem(self, problem: Problem) -> None:
        self.select([problem.node] if problem.node in self.session.document.pipeline.nodes else [])
        if problem.node:
            self.canvas.focus(problem.node)
        await self._right.open_problem(problem)

    def _versions(self) -> None:
        async def changed() -> None:
            await self._opened.take_theirs()

        versions_dialog(self._site, self._root, self._opened.name, changed)


def _latest(runs: Runs, pipeline: str) -> int | None:
    """The pipeline's run that goes on now."""
    return next((run.id for run in runs.last_of([pipeline]).values() if _goes_on(run)), None)


def _goes_on(run: RunView) -> bool:
    """Whether there is something to follow; a run that starts later leaves the editor to the person."""
    return not run.final and (run.started is not None or (run.not_before or 0) <= time.time())
