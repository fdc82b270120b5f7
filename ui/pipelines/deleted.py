"""Deleted pipelines: nothing of them is lost, and each can be brought back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from nicegui.element import Element

from executor.services.pipelines import PipelineView
from nodegraph.errors import NotFound
from ui import kit
from ui.i18n import t, t_message
from ui.site import Site


def deleted_dialog(site: Site, where: Element, on_change: Callable[[], Awaitable[None]]) -> None:
    """List them. `where` outlives the dialog; `on_change` hears of what was brought back."""
    pipelines = site.workspace.pipelines

    async def restore(view: PipelineView) -> None:
        opened.close()
        try:
            await asyncio.to_thread(pipelines.undelete, view.name)
        except NotFound as error:
            kit.toast(t("Nothing was restored"), t_message(str(error)), "failed")
            return
        await on_change()
        kit.toast(t("Restored {name}", name=view.title or view.name))

    with where, kit.dialog(t("Deleted pipelines"), width=560, name="deleted") as opened:
        kit.text(t("Their versions and runs are kept."), "sub sm", "p")
        with kit.div("gone"):
            for view in pipelines.list(deleted=True):
                _line(view, restore)


def _line(view: PipelineView, restore: Callable[[PipelineView], Awaitable[None]]) -> None:
    with kit.div("row", data_deleted=view.name):
        with kit.div("grow"):
            kit.text(view.title or view.name, "cut", "div", title=view.title)
            kit.text(view.name, "mono xs dim cut", "div")
        kit.button(t("Restore"), lambda: restore(view), glyph="undo-2", size="mini", action="restore")
