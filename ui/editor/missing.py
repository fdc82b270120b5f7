"""The page of a pipeline that is not there: names like it, or the way to bring it back."""

from __future__ import annotations

import asyncio
from difflib import get_close_matches

from nicegui import ui

from ui import frame, kit
from ui.i18n import t
from ui.site import Site


class MissingPage:
    """There is no pipeline of that name."""

    section = "pipelines"

    def __init__(self, site: Site, name: str, *, deleted: bool) -> None:
        self._site, self._name, self._deleted = site, name, deleted
        names = [view.name for view in site.workspace.pipelines.list()]
        self._near = get_close_matches(name, names, n=5, cutoff=0.4)

    def heading(self) -> None:
        """Where one is."""
        frame.crumbs((t("Pipelines"), "/pipelines"), (self._name, None))

    def actions(self) -> None:
        """Nothing can be done with it."""

    def body(self) -> None:
        """What there is instead."""
        with kit.div("page"):
            if self._deleted:
                kit.empty(
                    "trash-2", t("{name} was deleted", name=self._name), t("Its runs and versions stay."),
                    t("Restore"), self._restore, kind="primary", action="restore",
                )  # fmt: skip
                return
            kit.empty(
                "search", t("There is no pipeline {name}", name=self._name),
                t("It may have another name, or was never saved on this server."),
                t("All pipelines"), lambda: ui.navigate.to("/pipelines"), action="pipelines",
            )  # fmt: skip
            if self._near:
                with kit.div("row near"):
                    kit.text(t("Names like it:"), "sub")
                    for near in self._near:
                        kit.link(near, f"/pipelines/{near}", "link mono")

    async def _restore(self) -> None:
        await asyncio.to_thread(self._site.workspace.pipelines.undelete, self._name)
        ui.navigate.to(f"/pipelines/{self._name}")
