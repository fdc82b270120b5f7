"""A new pipeline: its title and its name; blank, or a copy of another one."""

from __future__ import annotations

import asyncio

from nicegui import ui
from nicegui.element import Element

from executor.services.pipelines import PipelineView
from nodegraph.errors import InvalidInput
from ui import kit
from ui.i18n import language, t, t_message
from ui.kit import controls
from ui.kit.fields import Field, FieldProblem
from ui.site import Site


class Naming:
    """The fields for title and name. The name follows the title until a person writes one."""

    def __init__(self, site: Site, title: str, name: str, *, follows: bool) -> None:
        self.title = title
        self.name = name
        self._site = site
        self._follows = follows

    def build(self) -> None:
        """Make the fields."""
        self._title_field = Field(
            t("Title"),
            controls.text(),
            self.title,
            on_change=self._titled,
            name="title",
            key="title",
            empty="",
        )
        self._name_field = Field(
            t("Name"), controls.text(mono=True), self.name, on_change=self._named, name="name", key="name",
            help=t("Letters, digits and hyphens. Used in files and on the command line."), empty="",
            required=True,
        )  # fmt: skip

    async def _titled(self, title: object) -> None:
        self.title = str(title).strip()
        if self._follows and self.title:
            self.name = await asyncio.to_thread(self._site.workspace.pipelines.free_name, self.title)
            self._name_field.set_value(self.name)
            self._name_field.show_problems([])

    def _named(self, name: object) -> None:
        self.name = str(name).strip()
        self._follows = not self.name
        self._name_field.show_problems([])

    def complain(self, error: InvalidInput) -> bool:
        """Show what is wrong with the name; False where the error is about something else."""
        about = [
            problem for problem in error.problems if problem.param == "name" or problem.code == "bad-name"
        ]
        if not about:
            return False
        space = " " if language() == "en" else ""
        sentence = space.join(filter(None, (t_message(about[0].message), t_message(about[0].hint))))
        self._name_field.show_problems([FieldProblem(sentence)])
        self._name_field.focus()
        return True


def new_dialog(site: Site, where: Element, copied: PipelineView | None = None) -> None:
    """Ask for title and name, then open the new pipeline. `where` outlives the dialog."""
    pipelines = site.workspace.pipelines
    if copied is None:
        title, base, heading = "", "pipeline", t("New pipeline")
    else:
        shown = copied.title or copied.name
        title, base, heading = t("{title} (copy)", title=shown), copied.name, t("Copy {title}", title=shown)
    naming = Naming(site, title, pipelines.free_name(base), follows=copied is None)

    async def create() -> None:
        try:
            if copied is None:
                made = await asyncio.to_thread(pipelines.create, naming.name, naming.title)
            else:
                made = await asyncio.to_thread(pipelines.copy, copied.name, naming.name, naming.title)
        except InvalidInput as error:
            if not naming.complain(error):
                kit.toast(t("Nothing was created"), t_message(str(error)), "failed")
            return
        opened.close()
        ui.navigate.to(f"/pipelines/{made.name}")

    with where, kit.dialog(heading, name="copy" if copied else "new") as opened:
        naming.build()
        with opened.foot:
            kit.text(t("Saved as version 1. Nothing runs yet."), "dim xs grow")
            kit.button(t("Cancel"), opened.close, size="lg", action="keep")
            label = t("Copy pipeline") if copied else t("Create pipeline")
            kit.button(label, create, size="lg", kind="primary", action="create")
        kit.submit_on_enter(opened.body, create, "title", "name")
