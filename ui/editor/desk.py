"""The pipelines that are open on this server: every tab that shows one edits the same document."""

from __future__ import annotations

import asyncio
from pathlib import Path

from executor.services.workspace import Workspace
from ui.editor.keeping import Keeper
from ui.editor.opened import OpenPipeline

_MOST_IDLE = 16


class Desk:
    """Opens pipelines, and keeps them open for a while after the last tab is gone, with all their steps."""

    def __init__(self, workspace: Workspace, base_dir: Path) -> None:
        self._workspace = workspace
        self._base_dir = base_dir
        self._open: dict[str, OpenPipeline] = {}

    async def open(self, name: str) -> OpenPipeline:
        """The pipeline of that name, with what was not saved of it; NotFound."""
        saved = await asyncio.to_thread(self._workspace.pipelines.get, name)
        if name not in self._open:
            keeper = Keeper(self._workspace.drafts, name)
            made = await asyncio.to_thread(OpenPipeline, self._workspace, self._base_dir, saved, keeper)
            # Another tab may have been quicker.
            self._open.setdefault(name, made)
        found = self._open.pop(name)
        if saved.version != found.document.base_version and not found.changed:
            found.take_saved(saved)
        # Last in the order: the longest unused are put away first.
        self._open[name] = found
        self._put_away()
        return found

    def close(self) -> None:
        """Keep every draft: the server ends."""
        for opened in self._open.values():
            if opened.changed:
                opened.keep_at_once()

    def _put_away(self) -> None:
        idle = [name for name, opened in self._open.items() if not opened.watched and not opened.changed]
        for name in idle[: max(0, len(idle) - _MOST_IDLE)]:
            del self._open[name]
