"""The list of pipelines at `/pipelines`."""

from __future__ import annotations

from fastapi import FastAPI
from nicegui import ui

from ui import frame
from ui.i18n import t
from ui.pipelines.view import PipelinesView
from ui.site import Site


def register(app: FastAPI, site: Site) -> None:
    """The page's address."""

    @frame.page("/pipelines")
    async def pipelines() -> None:
        view = PipelinesView(site)
        await view.load()
        frame.show(view)
        ui.page_title(f"{t('Pipelines')} · NodeGraph")
