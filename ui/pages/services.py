"""/services and /services/NAME: what is served, and a chat with it."""

from __future__ import annotations

import asyncio
import contextlib

from fastapi import FastAPI

from ui import frame
from ui.chat.conversation import Conversations
from ui.chat.visitor import visitor
from ui.serving.desk import Desk
from ui.serving.view import ServicesView
from ui.site import Site

# Services that answer do so at once; one that does not must not keep the page from coming up.
_FIRST_LOOK_SECONDS = 0.5


def register(app: FastAPI, site: Site) -> None:
    """The addresses of the page."""
    desk, conversations = Desk(site.workspace), Conversations()

    @frame.page("/services", title="Services · NodeGraph")
    @frame.page("/services/{name}", title="Services · NodeGraph")
    async def services(name: str | None = None) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(desk.look()), _FIRST_LOOK_SECONDS)
        frame.show(ServicesView(site, desk, conversations, visitor(), name))
