"""Secrets: their names, where they are set, which pipelines need them; add, replace, remove."""

from __future__ import annotations

import asyncio
import contextlib

from executor.services.secret_uses import secret_uses
from executor.services.secrets import SecretView
from nodegraph.errors import NotFound
from ui import kit
from ui.i18n import t
from ui.results.units import moment
from ui.settings.secret_dialog import secret_dialog
from ui.site import Site

_SHOWN_PIPELINES = 3


class SecretsPart:
    """The part of the page; values pass through it once, on their way in."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._views: list[SecretView] = []

    async def load(self) -> None:
        """Read names and uses."""
        self._views = await asyncio.to_thread(self._read)

    def build(self) -> None:
        """Fill the part."""
        self._root = kit.div("card")
        self._fill()

    def _read(self) -> list[SecretView]:
        workspace = self._site.workspace
        return workspace.secrets.overview(secret_uses(workspace.pipelines.list(), workspace.registry))

    async def _refresh(self) -> None:
        await self.load()
        if not self._root.is_deleted:
            self._fill()

    def _fill(self) -> None:
        self._root.clear()
        with self._root:
            if not self._views:
                kit.empty(
                    "key-round", t("No secrets yet"),
                    t("Keep an API key here, and write its name wherever a pipeline needs it."),
                    t("Add secret"), self._add, kind="primary", action="add-secret",
                )  # fmt: skip
                return
            with kit.table([t("Name"), t("Value"), t("When set"), t("Used in"), ""], classes="secrets"):
                for view in self._views:
                    self._row(view)
            with kit.div("foot"):
                kit.button(t("Add secret"), self._add, glyph="plus", action="add-secret")

    def _row(self, view: SecretView) -> None:
        with kit.el("tr", "", data_secret=view.name):
            with kit.el("td", "name"):
                kit.text(view.name, "mono cut", "div", title=view.name)
            with kit.el("td"):
                draw_standing(view)
            kit.text(moment(view.changed), "sub", "td")
            with kit.el("td", "uses"), kit.div("row"):
                _uses(view)
            with kit.el("td", "acts r"):
                self._acts(view)

    def _acts(self, view: SecretView) -> None:
        name = view.name
        label, action = (t("Replace"), "replace-secret") if view.in_directory else (t("Set"), "set-secret")
        if view.in_directory or not view.in_environment:
            kit.button(label, lambda: self._ask(name), size="mini", action=action)
        if view.in_directory:
            kit.button(
                "", lambda: self._confirm_removal(view), kind="ghost", size="mini", glyph="trash-2",
                tip=t("Remove {name}", name=name), action="remove-secret",
            )  # fmt: skip

    def _add(self) -> None:
        self._ask("")

    def _ask(self, name: str) -> None:
        known = [view.name for view in self._views if view.in_directory]
        secret_dialog(name, known, self._keep)

    async def _keep(self, name: str, value: str) -> None:
        await asyncio.to_thread(self._site.workspace.secrets.set, name, value)
        with self._root:
            kit.toast(t("{name} is set", name=name))
        await self._refresh()

    def _confirm_removal(self, view: SecretView) -> None:
        sentence = t("Its value is forgotten and cannot be brought back.")
        if view.used_by and not view.in_environment:
            sentence += " " * (not sentence.endswith("。")) + t(
                "Nodes of {pipelines} will not start without it.", pipelines=", ".join(view.used_by)
            )
        kit.confirm(
            t("Remove {name}?", name=view.name), sentence, yes=t("Remove secret"), no=t("Keep secret"),
            on_yes=lambda: self._remove(view.name), name="remove-secret",
        )  # fmt: skip

    async def _remove(self, name: str) -> None:
        # Where somebody else was faster it is gone all the same.
        with contextlib.suppress(NotFound):
            await asyncio.to_thread(self._site.workspace.secrets.remove, name)
        with self._root:
            kit.toast(t("{name} is removed", name=name))
        await self._refresh()


def draw_standing(view: SecretView) -> None:
    """Where the value is that counts."""
    if view.in_environment:
        tip = t("The server's environment wins over the value kept here.") if view.in_directory else None
        kit.chip("cached", t("from the environment")).props["title"] = tip or ""
    elif view.in_directory:
        kit.chip("succeeded", t("set"))
    else:
        kit.chip("stale", t("not set"))


def _uses(view: SecretView) -> None:
    for name in view.used_by[:_SHOWN_PIPELINES]:
        kit.link(name, f"/pipelines/{name}", "link cut", title=name)
    if more := view.used_by[_SHOWN_PIPELINES:]:
        kit.text(f"+{len(more)}", "dim", title=", ".join(more))
    if not view.used_by:
        kit.text("–", "dim")
