"""A pipeline that is open: its document, its draft, its problems and its outlook, shared by all its tabs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from executor.services.outlook import NodeOutlook
from executor.services.pipelines import PipelineView
from executor.services.workspace import Workspace
from nodegraph.errors import NodeGraphError
from nodegraph.problems import Problem
from ui.editor.checking import problems_of
from ui.editor.document import Document
from ui.editor.hints import on_canvas
from ui.editor.keeping import Keeper
from ui.editor.soon import Soon

_KEEP_AFTER = 0.3
_CHECK_AFTER = 0.15
_LOOK_AFTER = 0.4

What = Literal["graph", "problems", "outlook", "draft"]
Listener = Callable[[What], Any]


class OpenPipeline:
    """Tells its listeners of every change: of the graph, the problems, the outlook, or what is kept.

    `rough` is a text that somebody writes and that is no pipeline file yet; it is kept beside the draft.
    """

    def __init__(self, workspace: Workspace, base_dir: Path, saved: PipelineView, keeper: Keeper) -> None:
        kept = keeper.read()
        self.name = saved.name
        self.rough = kept.rough
        self._rough_on = 0
        self.problems: list[Problem] = []
        self.outlook: dict[str, NodeOutlook] = {}
        self.kept_at = kept.changed
        self.fault = ""
        self._workspace = workspace
        self._base_dir = base_dir
        self._keeper = keeper
        self._listeners: list[Listener] = []
        self.document = Document(saved.text, workspace.registry, saved.version)
        if kept.text is not None:
            self.document.set_text(kept.text, keep_name=True)
            self.document.base_version = kept.base_version
        self.document.on_change = self._changed
        self._keep_soon = Soon(_KEEP_AFTER, self._keep)
        self._check_soon = Soon(_CHECK_AFTER, self._check)
        self._look_soon = Soon(_LOOK_AFTER, self._look)

    @property
    def watched(self) -> bool:
        """Whether a tab shows it."""
        return bool(self._listeners)

    @property
    def changed(self) -> bool:
        """Whether there is something that is not saved."""
        return self.document.changed or self.rough is not None

    def watch(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` of every change, until what this gives back is called."""
        self._listeners.append(listener)
        self._check_soon()
        self._look_soon()

        def close() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return close

    @property
    def rough_is_behind(self) -> bool:
        """Whether the graph has changed since somebody began to write a text."""
        return self.rough is not None and self.document.revision != self._rough_on

    def write(self, text: str | None) -> None:
        """Keep a text that is being written; None: it was taken or given up."""
        if text != self.rough:
            if self.rough is None:
                self._rough_on = self.document.revision
            self.rough = text
            self._keep_soon()

    def look_again(self) -> None:
        """Something was run, or a secret was set: look again how nodes stand."""
        self._check_soon()
        self._look_soon()

    def show_problems(self, problems: list[Problem]) -> None:
        """Problems that were found when a run was to start; until the next change."""
        self.problems = [on_canvas(problem) for problem in problems]
        self._tell("problems")

    async def save(self, *, over: bool = False) -> PipelineView:
        """Save as a new version; Conflict where somebody else saved one meanwhile, unless `over`."""
        text = await asyncio.to_thread(self.document.snapshot.text)
        expected = None if over else self.document.base_version or 0
        view = await asyncio.to_thread(lambda: self._workspace.pipelines.save(text, expected=expected))
        self.document.mark_saved(text, view.version)
        return view

    async def take_theirs(self) -> PipelineView:
        """Take the latest saved version in place of this one; undo brings this one back."""
        view = await asyncio.to_thread(self._workspace.pipelines.get, self.name)
        self.take_saved(view)
        return view

    def take_saved(self, view: PipelineView) -> None:
        """A version that is saved becomes what is edited."""
        self.rough = None
        self.document.set_text(view.text, keep_name=True)
        self.document.mark_saved(view.text, view.version)

    async def keep(self) -> None:
        """Keep the draft now."""
        await self._keep_soon.now()

    def keep_at_once(self) -> None:
        """Keep the draft without the event loop: the server ends."""
        self._keeper.write(*self._draft())

    def _changed(self) -> None:
        self._keep_soon()
        self._check_soon()
        self._look_soon()
        self._tell("graph")

    async def _keep(self) -> None:
        try:
            there = await asyncio.to_thread(self._keeper.write, *self._draft())
            self.kept_at = time.time() if there else None
            self.fault = ""
        except NodeGraphError as error:
            self.fault = error.message
        self._tell("draft")

    def _draft(self) -> tuple[Callable[[], str] | None, str | None, int | None]:
        """What to keep: what gives the graph's text, if that is not saved, and the rough text."""
        document = self.document
        return document.snapshot.text if document.changed else None, self.rough, document.base_version

    async def _check(self) -> None:
        pipeline = self.document.pipeline
        found = await asyncio.to_thread(problems_of, pipeline, self._workspace)
        if pipeline is self.document.pipeline:
            self.show_problems(found)

    async def _look(self) -> None:
        pipeline = self.document.pipeline
        found = await asyncio.to_thread(self._workspace.outlook.of, pipeline, self._base_dir)
        if pipeline is self.document.pipeline and found != self.outlook:
            self.outlook = found
            self._tell("outlook")

    def _tell(self, what: What) -> None:
        for listener in list(self._listeners):
            listener(what)
