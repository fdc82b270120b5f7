"""Import of a pipeline file: uploaded or pasted, checked while one looks; a bad file loses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from executor.services.workspace import Workspace
from nodegraph.errors import InvalidInput, NotFound
from nodegraph.format import load
from nodegraph.problems import Problem, errors_of
from nodegraph.validation import check_text
from ui import kit
from ui.i18n import t, t_message
from ui.kit import controls
from ui.kit.buttons import disable
from ui.kit.fields import Field
from ui.site import Site

MAX_CHARACTERS = 1_000_000
_SHOWN = 100
# The browser reads the file; one that is too large is not sent at all.
_READ = """async (event) => {
  const file = event.target.files[0];
  if (!file) return;
  const fits = file.size <= %d;
  emit({ name: file.name, size: file.size, text: fits ? await file.text() : null });
  event.target.value = "";
}"""


@dataclass(frozen=True)
class Found:
    """What a file holds: name and title, its problems, and the version of it that is kept already."""

    text: str
    name: str
    title: str
    nodes: int
    problems: list[Problem]
    kept: int | None


def look(workspace: Workspace, text: str) -> Found:
    """Check a file; its name is empty where it cannot be read."""
    problems = check_text(text, workspace.registry).problems
    pipeline = load(text).pipeline
    if pipeline is None:
        return Found(text, "", "", 0, problems, None)
    try:
        kept = workspace.pipelines.get(pipeline.name)
        version = None if kept.deleted else kept.version
    except NotFound:
        version = None
    return Found(text, pipeline.name, pipeline.title, len(pipeline.nodes), problems, version)


def import_dialog(site: Site, where: Element, on_done: Callable[[], Awaitable[None]] | None = None) -> None:
    """Ask for a file or its text. `where` outlives the dialog; `on_done` hears of what was imported."""
    _Import(site, where, on_done).open()


class _Import:
    def __init__(self, site: Site, where: Element, on_done: Callable[[], Awaitable[None]] | None) -> None:
        self._site = site
        self._where = where
        self._on_done = on_done
        self._text = ""

    def open(self) -> None:
        with self._where, kit.dialog(t("Import a pipeline"), width=640, name="import") as self._dialog:
            with kit.div("row pick"):
                with kit.el("label", "btn") as pick:
                    kit.icon("upload", "s")
                    kit.text(t("Choose a file"))
                    chooser = kit.el("input", "away", type="file", accept=".yaml,.yml,.txt,text/*")
                chooser.on("change", self._chosen, js_handler=_READ % MAX_CHARACTERS)
                pick.props["data-action"] = "choose-file"
                self._file = kit.text(t("or paste its text below"), "dim sm cut grow")
            self._area = Field(
                t("Pipeline file"), controls.area(code=True, rows=12), "", on_change=self._typed, name="text",
                placeholder="nodegraph: 1",
            )  # fmt: skip
            self._report = kit.div("report", aria_live="polite")
            with self._dialog.foot:
                kit.div("grow")
                kit.button(t("Cancel"), self._dialog.close, size="lg", action="keep")
                self._copy = kit.button(
                    t("Import as a copy"), lambda: self._keep(as_copy=True), size="lg", action="import-copy"
                )
                self._import = kit.button(
                    t("Import"), self._keep, size="lg", kind="primary", action="import-file", off=True
                )
            self._copy.set_visibility(False)

    async def _chosen(self, event: GenericEventArguments) -> None:
        name, text = str(event.args.get("name", "")), event.args.get("text")
        if not isinstance(text, str):
            sentence = t("{name} is larger than 1 MB; no pipeline file is.", name=name)
            self._show_only(sentence)
            return
        kit.set_text(self._file, name)
        self._area.set_value(text)
        await self._typed(text)

    async def _typed(self, value: object) -> None:
        self._text = text = str(value).removeprefix("\ufeff")
        if len(text) > MAX_CHARACTERS:
            self._show_only(t("That is larger than 1 MB; no pipeline file is."))
            return
        if not text.strip():
            self._show_only("")
            return
        found = await asyncio.to_thread(look, self._site.workspace, text)
        # While it was looked at, more may have been typed.
        if found.text == self._text and not self._report.is_deleted:
            self._show(found)

    def _show_only(self, sentence: str) -> None:
        self._report.clear()
        disable(self._import, True)
        self._copy.set_visibility(False)
        if sentence:
            with self._report:
                kit.message(sentence, "error")

    def _show(self, found: Found) -> None:
        self._report.clear()
        disable(self._import, not found.name)
        self._copy.set_visibility(found.kept is not None)
        with self._report:
            _summary(found)
            problem_list(found.problems)

    async def _keep(self, *, as_copy: bool = False) -> None:
        pipelines = self._site.workspace.pipelines
        try:
            if as_copy:
                found = await asyncio.to_thread(look, self._site.workspace, self._text)
                name = await asyncio.to_thread(pipelines.free_name, found.name)
                kept = await asyncio.to_thread(pipelines.create, name, found.title, self._text)
            else:
                kept = await asyncio.to_thread(pipelines.save, self._text)
        except InvalidInput as error:
            self._show_only(t_message(str(error)))
            with self._report:
                problem_list(error.problems)
            return
        self._dialog.close()
        if self._on_done is not None:
            await self._on_done()
        kit.toast(
            t("Imported {name}", name=kept.title or kept.name), t("Saved as version {n}.", n=kept.version),
            label=t("Open"), on_click=lambda: ui.navigate.to(f"/pipelines/{kept.name}"), action="open",
        )  # fmt: skip


def _summary(found: Found) -> None:
    errors = len(errors_of(found.problems))
    if not found.name:
        count = t("One error") if errors == 1 else t("{n} errors", n=errors)
        kit.message(t("This cannot be imported: {count}. Mend it here or in the file.", count=count), "error")
        return
    many = t("1 node") if found.nodes == 1 else t("{n} nodes", n=found.nodes)
    label = f"{found.title or found.name} · {many}"
    if errors:
        kit.message(
            t("{pipeline}. It can be imported, and mended before it runs.", pipeline=label), "warning"
        )
    elif found.kept is not None:
        sentence = t(
            "{pipeline}. There is a pipeline {name} already: this becomes its version {n}.",
            pipeline=label, name=found.name, n=found.kept + 1,
        )  # fmt: skip
        kit.message(sentence)
    else:
        kit.message(t("{pipeline}. Ready to import.", pipeline=label))


def problem_list(problems: Sequence[Problem]) -> None:
    """Every problem with its line and what to do."""
    if not problems:
        return
    with kit.el("ul", "import-problems"):
        for problem in problems[:_SHOWN]:
            with kit.el("li", "row", data_problem=problem.code, data_severity=problem.severity):
                state = "failed" if problem.severity == "error" else "stale"
                with kit.div("stx", data_state=state):
                    kit.icon("octagon-alert" if state == "failed" else "triangle-alert", "s")
                place = t("line {n}", n=problem.line) if problem.line else problem.node or ""
                kit.text(place, "mono xs dim nw")
                with kit.div("grow"):
                    kit.text(t_message(problem.message), "", "div")
                    if problem.hint:
                        kit.text(t_message(problem.hint), "sub", "div")
        if len(problems) > _SHOWN:
            kit.text(t("and {n} more", n=len(problems) - _SHOWN), "dim sm", "li")
