"""Runs that begin elsewhere, in another tab or on the command line: a tab with nothing in hand shows them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from nicegui import ui

from executor.services.runs import Runs
from ui import kit
from ui.editor.session import Session
from ui.editor.soon import Soon
from ui.i18n import t

_LOOK_AFTER = 0.2
# A field, an open dialog or a menu.
_BUSY = (
    'return !!document.activeElement?.closest("input, textarea, [contenteditable=true]")'
    ' || !!document.querySelector(".q-dialog, .q-menu, [data-yaml]")'
)


class Joining:
    """Says of each such run once, or shows it; `shows()` is the run on the canvas, None while one edits."""

    def __init__(
        self,
        session: Session,
        runs: Runs,
        latest: Callable[[Runs, str], int | None],
        shows: Callable[[], int | None],
        show: Callable[[int], Awaitable[None]],
    ) -> None:
        self._session, self._runs, self._latest = session, runs, latest
        self._shows, self._show = shows, show
        self._known = 0
        self._starting = 0
        self._stays = False
        self.look_soon = Soon(_LOOK_AFTER, self._look)

    def knows(self, run: int) -> None:
        """This tab has shown it."""
        self._known = max(self._known, run)

    @contextmanager
    def starting(self) -> Iterator[None]:
        """What begins meanwhile is this tab's own."""
        self._starting += 1
        try:
            yield
        finally:
            self._starting -= 1

    def stay(self) -> None:
        """The person has gone back to editing: from now on runs are said, and not shown unasked."""
        self._stays = True

    async def _look(self) -> None:
        run = await asyncio.to_thread(self._latest, self._runs, self._session.opened.name)
        if run is None or run <= self._known or self._starting or self._session.where.is_deleted:
            return
        self.knows(run)
        with self._session.where:
            if self._shows() is None and not self._stays and not await self._in_hand():
                await self._show(run)
                return
            kit.toast(
                t("Run {run} has begun", run=run), kind="note", label=t("Watch"), action="watch",
                on_click=lambda: self._show(run),
            )  # fmt: skip

    async def _in_hand(self) -> bool:
        if self._session.selected:
            return True
        try:
            return bool(await ui.run_javascript(_BUSY))
        except TimeoutError:  # the page is away
            return True
