"""What can be done with a run: look at its graph and its file, cancel it, run it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import run

from nodegraph.errors import NodeGraphError
from ui import frame, kit
from ui.editor.run_panel import confirm_cancel
from ui.i18n import t, t_message
from ui.live import Feed
from ui.site import Site


class RunActions:
    """Draws its buttons into the element one is in; `draw` fits them to how the run stands now."""

    def __init__(self, site: Site, feed: Feed, text: str, *, kept: bool) -> None:
        self._runs, self._feed, self._text, self._kept = site.workspace.runs, feed, text, kept
        self._drawn: tuple[bool, bool] | None = None
        self._root = kit.div("row", data_run=feed.view.id)
        self.draw()

    def draw(self) -> None:
        """Cancel while it runs, run again once it has ended."""
        view = self._feed.view
        if self._drawn == (view.final, view.cancel_requested):
            return
        self._drawn = (view.final, view.cancel_requested)
        self._root.clear()
        with self._root:
            address = f"/pipelines/{view.pipeline}?run={view.id}"
            if self._kept:
                kit.button(t("Open graph"), lambda: frame.go(address), glyph="workflow", action="open-graph")
            kit.button("YAML", self._show_text, glyph="file-text", action="yaml")
            if view.final:
                kit.button(
                    t("Run again"), self.again, kind="primary", glyph="rotate-ccw", action="rerun",
                    tip=t("The same pipeline with the same parameters"),
                )  # fmt: skip
            else:
                kit.button(
                    t("Cancelling") if view.cancel_requested else t("Cancel"),
                    lambda: confirm_cancel(self._feed.view, self._cancel), kind="danger", glyph="square",
                    action="cancel", off=view.cancel_requested,
                )  # fmt: skip

    async def again(self, node: str | None = None) -> None:
        """Run it again, from a node on where one is named, and go there."""
        with self._root:
            number = await self._ask(lambda: self._runs.rerun(self._feed.view.id, node))
            if number is not None:
                frame.go(f"/runs/{number}")

    async def _cancel(self) -> None:
        with self._root:
            await self._ask(lambda: self._runs.cancel(self._feed.view.id))

    async def _ask(self, work: Callable[[], Any]) -> Any:
        try:
            return await run.io_bound(work)
        except NodeGraphError as error:
            problems = getattr(error, "problems", [])
            reasons = " ".join(t_message(f"{one.message} {one.hint}".strip()) for one in problems[:3])
            kit.toast(t_message(error.message), reasons or t_message(error.hint), "failed")
            return None

    def _show_text(self) -> None:
        view = self._feed.view
        title = f"{view.pipeline} · {t('Run {number}', number=view.id)}"
        with kit.dialog(title, width=760, name="yaml") as shown:
            kit.text(self._text, "textbox mono runtext", "pre")
        with shown.foot:
            kit.text(t("The pipeline as it was when this run was started"), "dim sm")
            kit.div("grow")
            address = f"/files/runs/{view.id}.yaml"
            kit.link(t("Download"), address, "btn primary", download="", data_action="download-yaml")
