"""/hosts: the machines that nodes run on, and who waits for a place."""

from __future__ import annotations

from fastapi import FastAPI

from ui import frame
from ui.hosting.desk import Desk
from ui.hosting.view import HostsView
from ui.site import Site


def register(app: FastAPI, site: Site) -> None:
    """The address of the page."""
    desk = Desk(site.workspace)

    @frame.page("/hosts", title="Hosts · NodeGraph")
    async def hosts() -> None:
        await desk.look()
        frame.show(HostsView(site, desk))
