"""What is in an artifact: its files, the beginning of each, a dataset's rows page by page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from nicegui import run, ui

from executor.services.artifacts import Artifacts, FileText
from executor.services.pages import RowsPage
from executor.services.views import OutputView
from nodegraph.errors import NodeGraphError
from ui import kit
from ui.i18n import t, t_message
from ui.results import blocks
from ui.results.units import size

_ROWS = 25
_DATA = "data.jsonl"
# What is opened first, by what an artifact mostly holds.
_FIRST = (_DATA, "report.md", "README.md", "card.json", "config.json", "service.json")
_MOST_FILES = 300


@dataclass(frozen=True)
class _Inside:
    """The files of an artifact and their sizes; `fault` where it is damaged."""

    files: dict[str, int]
    fault: str = ""


class ArtifactDialog:
    """Opens at once; files are read in threads."""

    def __init__(self, artifacts: Artifacts, output: OutputView) -> None:
        self._artifacts, self._output = artifacts, output
        self._offsets: list[int] = [0]
        title = f"{output.kind} {output.digest[:12]}"
        with kit.dialog(title, width=960, name="artifact") as shown:
            self._facts = kit.div("row sm dim")
            with kit.div("artifactbox"):
                self._files = kit.div("files")
                self._preview = kit.div("grow preview")
                with self._preview:
                    kit.skeleton()
        with shown.foot:
            kit.div("grow")
            address = f"/files/{output.digest}.zip"
            kit.link(t("Download all"), address, "btn primary", download="", data_action="download")
        with self._facts:
            kit.text(output.digest, "mono cut grow", title=output.digest)
            kit.text(size(output.bytes))
            ui.timer(0, self._load, once=True)

    async def _load(self) -> None:
        inside = await run.io_bound(self._look)
        if inside is None or self._files.is_deleted:
            return
        first = next((name for name in _FIRST if name in inside.files), next(iter(inside.files), ""))
        self._files.clear()
        with self._files:
            for name, length in list(inside.files.items())[:_MOST_FILES]:
                self._file(name, length)
            if len(inside.files) > _MOST_FILES:
                kit.text(t("and {n} more", n=len(inside.files) - _MOST_FILES), "dim sm", "p")
        if inside.fault:
            with self._facts:
                kit.message(t_message(inside.fault), "error")
        await self._open(first)

    def _file(self, name: str, length: int) -> None:
        with kit.div("row file", data_file=name):
            opener = kit.text(name, "cut grow mono", "button", type="button", title=name)
            opener.on("click", lambda: self._open(name), [])
            kit.text(size(length), "dim xs")
            address = f"/files/{self._output.digest}/{quote(name)}"
            with kit.el("a", "btn ghost mini sq", href=address, download="", title=t("Download")):
                kit.icon("download", "t")

    async def _open(self, name: str, page: int = 0) -> None:
        if not name:
            return
        found = await run.io_bound(self._read, name, self._offsets[page] if name == _DATA else 0)
        if found is None or self._preview.is_deleted:
            return
        self._preview.clear()
        with self._preview:
            if isinstance(found, RowsPage):
                self._rows(found, page)
            elif isinstance(found, FileText):
                _draw_text(name, found)
            else:
                kit.message(t_message(found), "error")

    def _rows(self, found: RowsPage, page: int) -> None:
        if found.next is not None and len(self._offsets) == page + 1:
            self._offsets.append(found.next)
        blocks.draw({"type": "table", "columns": found.columns, "rows": found.rows})
        with kit.div("row sm dim"):
            first = page * _ROWS + 1
            kit.text(t("Rows {first} to {last}", first=first, last=first + len(found.rows) - 1))
            kit.div("grow")
            for glyph, tip, target, off in (
                ("chevron-left", t("Earlier page"), page - 1, page == 0),
                ("chevron-right", t("Next page"), page + 1, found.next is None),
            ):
                turn = lambda target=target: self._open(_DATA, target)  # noqa: E731
                kit.button("", turn, kind="ghost", size="mini", glyph=glyph, tip=tip, off=off, action=glyph)

    def _look(self) -> _Inside:
        digest = self._output.digest
        try:
            files = self._artifacts.files(digest)
            self._artifacts.check(digest)
        except NodeGraphError as error:
            return _Inside({}, f"{error.message} {error.hint}".strip())
        return _Inside(files)

    def _read(self, name: str, offset: int) -> RowsPage | FileText | str:
        try:
            if name == _DATA:
                return self._artifacts.rows(self._output.digest, offset, _ROWS)
            return self._artifacts.text(self._output.digest, name)
        except (NodeGraphError, OSError) as error:
            return str(error)


def _draw_text(name: str, found: FileText) -> None:
    if found.binary:
        kit.empty("file", t("No preview"), t("{name} is no text. Download it to use it.", name=name))
        return
    values = _values(name, found)
    if values:
        blocks.draw({"type": "values", "values": values})
        return
    kit.text(found.text, "textbox mono" if not name.endswith(".md") else "textbox", "pre")
    if found.cut:
        kit.text(t("Only the first {size} are shown", size=size(64 * 1024)), "dim xs", "p")


def _values(name: str, found: FileText) -> dict[str, Any]:
    """The fields of an indicator, which a metrics artifact holds; nothing for other files."""
    if not name.endswith(".json") or found.cut:
        return {}
    try:
        record = json.loads(found.text)
    except ValueError:
        return {}
    plain = isinstance(record, dict) and "indicator" in record
    return (
        {key: value for key, value in record.items() if not isinstance(value, (dict, list))} if plain else {}
    )
