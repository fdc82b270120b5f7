"""One pipeline at `/pipelines/NAME`, to edit, to run and to watch."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI
from nicegui import app as nicegui_app
from nicegui import ui

from nodegraph.errors import NotFound
from ui import frame
from ui.editor import clipboard
from ui.editor.missing import MissingPage
from ui.editor.page import EditorPage
from ui.site import Site


def register(app: FastAPI, site: Site) -> None:
    """The page's address; open drafts are kept when the server ends."""
    nicegui_app.on_shutdown(site.desk.close)

    @frame.page("/pipelines/{name}")
    async def editor(name: str, run: str = "") -> None:
        try:
            kept = await asyncio.to_thread(site.workspace.pipelines.get, name)
        except NotFound:
            kept = None
        if kept is None or kept.deleted:
            frame.show(MissingPage(site, name, deleted=kept is not None))
            return
        page = EditorPage(site, await site.desk.open(name))
        await page.prepare(int(run) if run.isdecimal() and len(run) < 19 else None)
        ui.page_title(f"{kept.title or name} · NodeGraph")
        ui.add_body_html(clipboard.LISTEN)
        frame.show(page)
