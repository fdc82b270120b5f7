"""The settings at `/settings`."""

from __future__ import annotations

from fastapi import FastAPI

from ui import frame
from ui.settings.view import SettingsView
from ui.site import Site


def register(app: FastAPI, site: Site) -> None:
    """The page's address."""

    @frame.page("/settings")
    async def settings() -> None:
        view = SettingsView(site)
        await view.load()
        frame.show(view)
