"""What stands at addresses that lead nowhere, and where a page cannot be built."""

from __future__ import annotations

import logging
from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from nicegui import Client
from nicegui import app as nicegui_app
from nicegui.page import page
from starlette.exceptions import HTTPException

from ui import frame, kit
from ui.i18n import t
from ui.site import Site

_log = logging.getLogger(__name__)


class Notice:
    """A page that says one thing and leads back."""

    section = ""

    def __init__(self, words: Callable[[], tuple[str, str]], *, mark: str) -> None:
        self._words, self._mark = words, mark

    def heading(self) -> None:
        """What happened."""
        frame.crumbs((self._words()[0], None))

    def actions(self) -> None:
        """Nothing can be done with it."""

    def body(self) -> None:
        """Say it."""
        title, sentence = self._words()
        with kit.div("page", data_notice=self._mark), kit.div("friendly"):
            kit.empty(
                "search-x", title, sentence, t("Open the gallery"), lambda: frame.go("/"),
                kind="primary", action="gallery",
            )  # fmt: skip


def register(app: FastAPI, site: Site) -> None:
    """Take the place of NiceGUI's own pages for errors."""

    async def missing(request: Request, error: Exception) -> Response:
        endpoint = request.scope.get("endpoint")
        is_page = endpoint in (None, nicegui_app) or request.scope.get("nicegui_page_path")
        if not is_page and isinstance(error, HTTPException):
            return await http_exception_handler(request, error)
        with Client(page(""), request=request) as client:
            frame.show(Notice(_no_page, mark="404"))
        return client.build_response(request, 404)

    def broken(error: Exception) -> None:
        _log.error("A page could not be built.", exc_info=error)
        frame.show(Notice(_no_building, mark="500"))

    nicegui_app.add_exception_handler(404, missing)
    nicegui_app.on_page_exception(broken)


def _no_page() -> tuple[str, str]:
    return t("There is no such page"), t("The address may be cut short.")


def _no_building() -> tuple[str, str]:
    return (
        t("This page could not be built"),
        t("Nothing is lost, and runs go on. What the server wrote says more."),
    )
