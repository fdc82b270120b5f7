"""What can be done with a pipeline in the list: run, copy, export, look back, delete and take that back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui
from nicegui.element import Element

from nodegraph.errors import InvalidInput, NotFound
from nodegraph.problems import Problem
from ui import kit
from ui.i18n import t, t_message
from ui.pipelines.new import new_dialog
from ui.pipelines.rows import Row
from ui.pipelines.versions import versions_dialog
from ui.site import Site


class Actions:
    """Acts on pipelines. What opens does so in `where`; `changed` hears of what the list should show."""

    def __init__(self, site: Site, where: Element, changed: Callable[[], Awaitable[None]]) -> None:
        self._site = site
        self._where = where
        self._changed = changed

    def next(self, row: Row) -> None:
        """The button for what a person most likely wants to do."""
        name = row.pipeline.name
        here, last = f"/pipelines/{name}", f"/runs/{row.run.id}" if row.run else ""
        # The canvas shows a run of the latest version; an older one has a page of its own.
        live = on_canvas(name, row.run.id) if row.run and row.run.version == row.pipeline.version else last
        choices: dict[str, tuple[str, str, Callable[[], object]]] = {
            "run": (t("Run"), "play", lambda: self._start(name)),
            "run-version": (
                t("Run version {n}", n=row.pipeline.version), "play", lambda: self._start(name),
            ),
            "watch": (t("Watch"), "activity", lambda: go(live)),
            "see-problems": (t("See what is wrong"), "circle-alert", lambda: go(here)),
            "see-failure": (t("See what failed"), "octagon-x", lambda: go(last)),
            "open": (t("Open"), "workflow", lambda: go(here)),
            "edit": (t("Go on editing"), "pencil", lambda: go(here)),
        }  # fmt: skip
        label, glyph, press = choices[row.next]
        tip = _in_a_sentence(row.wrong) if row.wrong else None
        made = kit.button(label, glyph=glyph, size="mini", action=row.next, tip=tip)
        made.on("click.stop", press, [])

    def more(self, row: Row) -> None:
        """The button that opens the menu."""
        made = kit.button("", glyph="ellipsis", kind="ghost", size="mini", tip=t("More"), action="more")
        made.on("click.stop", lambda: self._menu(row), [])

    def _menu(self, row: Row) -> None:
        """Made when it is asked for, beside the table: rows that are drawn anew do not close it."""
        name = row.pipeline.name
        with self._where:
            opened = kit.menu(
                [
                    kit.Entry(t("Open"), lambda: go(f"/pipelines/{name}"), "workflow", "open"),
                    kit.Entry(t("Copy"), lambda: self._copy(row), "copy", "copy"),
                    kit.Entry(t("Export YAML"), lambda: self._export(row), "download", "export"),
                    kit.Entry(t("Versions"), lambda: self._versions(row), "history", "versions"),
                    None,
                    kit.Entry(t("Delete"), lambda: self._delete(row), "trash-2", "delete", danger=True),
                ]
            )
        opened.props["target"] = f'[data-pipeline="{name}"] [data-action="more"]'
        opened.props["no-parent-event"] = True
        opened.on("hide", opened.delete, [])
        opened.open()

    def _copy(self, row: Row) -> None:
        new_dialog(self._site, self._where, row.pipeline)

    def _export(self, row: Row) -> None:
        ui.download.content(row.pipeline.text, f"{row.pipeline.name}.yaml", "application/yaml")

    def _versions(self, row: Row) -> None:
        versions_dialog(self._site, self._where, row.pipeline.name, self._changed)

    async def _start(self, name: str) -> None:
        with self._where:
            try:
                started = await asyncio.to_thread(self._site.workspace.runs.start, name)
            except NotFound as error:
                kit.toast(t("Nothing was started"), t_message(str(error)), "failed")
            except InvalidInput as error:
                _refused(name, error)
            else:
                go(on_canvas(name, started))

    async def _delete(self, row: Row) -> None:
        pipelines, name = self._site.workspace.pipelines, row.pipeline.name

        async def undo() -> None:
            await asyncio.to_thread(pipelines.undelete, name)
            await self._changed()

        await asyncio.to_thread(pipelines.delete, name)
        await self._changed()
        with self._where:
            kit.toast(
                t("Deleted {name}", name=row.title), t("Its runs and versions stay."), label=t("Undo"),
                on_click=undo, action="undo",
            )  # fmt: skip


def on_canvas(name: str, run: int) -> str:
    """Where a run is watched on the canvas of its pipeline."""
    return f"/pipelines/{name}?run={run}"


def go(target: str) -> None:
    """Open another page of ours."""
    ui.navigate.to(target)


def _in_a_sentence(problems: Sequence[Problem]) -> str:
    first, count = t_message(problems[0].message), len(problems)
    return first if count < 2 else t("{problem} And {n} more.", problem=first, n=count - 1)


def _refused(name: str, error: InvalidInput) -> None:
    sentence = _in_a_sentence(error.problems) if error.problems else t_message(str(error))
    kit.toast(
        t("{name} cannot run yet", name=name), sentence, "failed", label=t("Open"),
        on_click=lambda: go(f"/pipelines/{name}"), action="open",
    )  # fmt: skip
