"""From a template to a pipeline: its parameters in a form, what it needs beside it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from nicegui import ui

from executor.services.pipelines import PipelineView
from nodegraph.errors import InvalidInput
from nodegraph.format import dump
from nodegraph.parameters import parameter_values
from nodegraph.problems import Problem
from ui import kit
from ui.forms import ParamsForm, schema_of
from ui.gallery import needs
from ui.gallery.cards import Card
from ui.gallery.localised import localised
from ui.gallery.picture import draw
from ui.i18n import language, speaking, t, t_message
from ui.pipelines.actions import on_canvas
from ui.pipelines.new import Naming
from ui.site import Site


def use_template(site: Site, card: Card) -> None:
    """Ask for the parameters, then open the new pipeline."""
    _Use(site, card).open()


class _Use:
    def __init__(self, site: Site, card: Card) -> None:
        self._site = site
        self._card = card
        self._values: dict[str, Any] = {}
        self._busy = False

    def open(self) -> None:
        card = self._card
        name = self._site.workspace.pipelines.free_name(card.name)
        self._naming = Naming(self._site, card.title, name, follows=False)
        with kit.dialog(card.title, width=760, name="use-template") as self._dialog:
            self._dialog.body.classes("use-body")
            with kit.div("use-grid"):
                with kit.div("use-form"):
                    self._naming.build()
                    self._form = ParamsForm(
                        schema_of(card.template.parameters), {}, on_change=self._changed,
                        on_reset=self._reset, site=self._site, grouped=False,
                    )  # fmt: skip
                with kit.div("use-side"):
                    with kit.el("figure"):
                        draw(card.picture)
                    kit.text(card.description, "sub sm", "p")
                    needs.listing(card)
            with self._dialog.foot:
                kit.text(t("Saved as version 1. Nothing runs yet."), "dim xs grow")
                kit.button(t("Cancel"), self._dialog.close, size="lg", action="keep")
                kit.button(
                    t("Create and run"), lambda: self._finish(start=True), size="lg", action="create-run"
                )
                kit.button(t("Create pipeline"), self._finish, size="lg", kind="primary", action="create")
            kit.submit_on_enter(self._dialog.body, self._finish, "title", "name")

    def _changed(self, name: str, value: Any) -> None:
        self._values[name] = value
        self._check()

    def _reset(self, name: str) -> None:
        self._values.pop(name, None)
        self._check()

    def _check(self) -> None:
        """Say at once what is wrong with what was entered."""
        _, problems = parameter_values(self._card.pipeline, self._values, partial=True)
        self._complain(problems)

    def _complain(self, problems: list[Problem]) -> None:
        found: dict[str, list[Problem]] = {}
        for problem in problems:
            found.setdefault(problem.param or "", []).append(problem)
        self._form.show_problems(found)

    async def _finish(self, *, start: bool = False) -> None:
        if self._busy:
            return
        self._busy = True
        try:
            with speaking(language()):
                made = await asyncio.to_thread(self._create)
        except InvalidInput as error:
            self._refused(error)
            return
        finally:
            self._busy = False
        target = f"/pipelines/{made.name}"
        if start:
            # Where it cannot run yet, the editor says what is missing, each thing at its place.
            with suppress(InvalidInput):
                run = await asyncio.to_thread(self._site.workspace.runs.start, made.name)
                target = on_canvas(made.name, run)
        ui.navigate.to(target)

    def _create(self) -> PipelineView:
        templates, pipelines = self._site.workspace.templates, self._site.workspace.pipelines
        instance = templates.instantiate(self._card.name, self._values)
        assert instance.pipeline is not None
        text = dump(localised(instance.pipeline), original=instance.text)
        return pipelines.create(self._naming.name, self._naming.title, text)

    def _refused(self, error: InvalidInput) -> None:
        named = self._naming.complain(error)
        about = [problem for problem in error.problems if problem.param in self._card.template.parameters]
        self._complain(about)
        if not named and not about:
            kit.toast(t("Nothing was created"), t_message(str(error)), "failed")
