"""The versions of a pipeline: when each was made, what it changed, and the way back to one."""

from __future__ import annotations

import asyncio
import difflib
import inspect
from collections.abc import Awaitable, Callable, Sequence

from nicegui.element import Element

from executor.services.pipelines import PipelineView
from nodegraph.errors import InvalidInput
from ui import kit
from ui.i18n import t, t_message
from ui.results.units import moment
from ui.site import Site

_MOST_LINES = 2000


def versions_dialog(site: Site, where: Element, name: str, on_change: Callable[[], Awaitable[None]]) -> None:
    """Show the versions. `where` outlives the dialog; `on_change` hears of a new version."""
    versions = site.workspace.pipelines.versions(name)
    latest = versions[0]

    def choose(view: PipelineView) -> None:
        for number, line in lines.items():
            line.classes(add="on") if number == view.version else line.classes(remove="on")
        aside.clear()
        with aside:
            _shown(view, versions)
            if view.version != latest.version:
                kit.button(
                    t("Restore version {n}", n=view.version), lambda: restore(view), glyph="undo-2",
                    action="restore",
                )  # fmt: skip

    async def restore(view: PipelineView) -> None:
        try:
            made = await asyncio.to_thread(site.workspace.pipelines.restore, name, view.version)
        except InvalidInput as error:
            kit.toast(t("Nothing was restored"), t_message(str(error)), "failed")
            return
        opened.close()
        changed = on_change()
        if inspect.isawaitable(changed):
            await changed
        sentence = t("Version {old} is back as version {new}.", old=view.version, new=made.version)
        kit.toast(latest.title or name, sentence)

    heading = t("Versions of {name}", name=latest.title or name)
    with where, kit.dialog(heading, width=860, name="versions") as opened, kit.div("vgrid"):
        lines: dict[int, Element] = {}
        with kit.div("vlist", role="listbox", aria_label=t("Versions")):
            for view in versions:
                lines[view.version] = _line(view, latest, choose)
        aside = kit.div("vtext")
        choose(latest)


def changes(before: str, after: str) -> list[str]:
    """The lines that make `after` of `before`, marked + and -, with some of what stands around them."""
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    return [line for line in found if not line.startswith(("---", "+++"))]


def _line(view: PipelineView, latest: PipelineView, choose: Callable[[PipelineView], None]) -> Element:
    with kit.el("button", "vline", type="button", data_version=view.version, role="option") as made:
        kit.text(t("Version {n}", n=view.version), "", "b")
        if view.version == latest.version:
            kit.tag(t("latest"))
        kit.text(moment(view.created), "dim xs end")
    made.on("click", lambda: choose(view), [])
    return made


def _shown(view: PipelineView, versions: Sequence[PipelineView]) -> None:
    before = next((each for each in versions if each.version == view.version - 1), None)
    if before is None:
        kit.text(t("The first version"), "over", "div")
        _text(view.text.splitlines())
        return
    kit.text(t("What version {n} changed", n=view.version), "over", "div")
    _text(changes(before.text, view.text) or [t("Nothing in the text.")])


def _text(lines: Sequence[str]) -> None:
    with kit.el("pre", "diff"):
        for line in lines[:_MOST_LINES]:
            mark = {"+": "add", "-": "del", "@": "at"}.get(line[:1], "")
            kit.text(line or " ", mark, "div")
        if len(lines) > _MOST_LINES:
            kit.text(t("and {n} more lines", n=len(lines) - _MOST_LINES), "at", "div")
