"""A run that is looked at on the canvas: its feed, how its nodes stand, and the bar that goes with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from nodegraph.errors import NodeGraphError
from nodegraph.pipeline import Pipeline
from ui import kit
from ui.editor import placing
from ui.editor.live import RunLooks
from ui.editor.run_panel import confirm_cancel, elapsed
from ui.editor.session import Session
from ui.editor.types import Types
from ui.i18n import t
from ui.live.live import Watch


class ShownRun:
    """A run on the canvas until it is put away, with its graph as it was when the run was started."""

    def __init__(self, watch: Watch, pipeline: Pipeline | None, types: Types) -> None:
        self.watch = watch
        self.feed = watch.feed
        self.pipeline = pipeline
        self.positions = placing.positions(pipeline, types) if pipeline is not None else {}
        self.looks = RunLooks(watch.feed)

    @property
    def id(self) -> int:
        """The run's number."""
        return self.feed.view.id

    @property
    def ended(self) -> bool:
        """Whether it goes on no more."""
        return self.feed.view.final


class RunActions:
    """The right of the bar while a run is shown."""

    def __init__(
        self,
        session: Session,
        shown: ShownRun,
        on_rerun: Callable[[str | None], Any],
        on_close: Callable[[], Any],
    ) -> None:
        self._session, self._shown = session, shown
        self._on_rerun, self._on_close = on_rerun, on_close
        self._drawn = ""
        self._root = kit.div("row")
        self.refresh()

    def refresh(self) -> None:
        """Follow the run's state."""
        run = self._shown.feed.view
        state = f"{run.state} {run.cancel_requested}"
        if state == self._drawn:
            return
        self._drawn = state
        self._root.clear()
        with self._root:
            kit.link(t("Run {number}", number=run.id), f"/runs/{run.id}", "link")
            kit.chip(run.state)
            elapsed(run)
            kit.div("vr")
            if not run.final:
                kit.button(
                    t("Cancelling") if run.cancel_requested else t("Cancel"), self._ask, kind="danger",
                    glyph="square", action="cancel", off=run.cancel_requested,
                )  # fmt: skip
            elif run.state != "succeeded":
                kit.button(
                    t("Run again"), lambda: self._on_rerun(None), kind="primary", glyph="rotate-ccw",
                    action="rerun",
                )  # fmt: skip
            kit.button(t("Back to editing"), self._on_close, glyph="pencil", action="edit")

    def _ask(self) -> None:
        with self._session.where:
            confirm_cancel(self._shown.feed.view, self._cancel)

    async def _cancel(self) -> None:
        try:
            await asyncio.to_thread(self._session.site.workspace.runs.cancel, self._shown.id)
        except NodeGraphError as error:
            self._session.say(error, t("Nothing was cancelled"))
