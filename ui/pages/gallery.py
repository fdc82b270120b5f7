"""The gallery at `/`."""

from __future__ import annotations

from fastapi import FastAPI
from nicegui import ui

from ui import frame
from ui.gallery.view import GalleryView
from ui.i18n import t
from ui.site import Site


def register(app: FastAPI, site: Site) -> None:
    """The page's address."""

    @frame.page("/")
    async def gallery() -> None:
        view = GalleryView(site)
        await view.load()
        frame.show(view)
        ui.page_title(f"{t('Gallery')} · NodeGraph")
