"""The first rows of a dataset as a table."""

from __future__ import annotations

from typing import Any

from nicegui import run

from executor.services.datasets import Datasets
from executor.services.samples import Sample
from nodegraph.errors import NodeGraphError
from ui import kit
from ui.forms.fixes import sentences
from ui.i18n import t, t_message

_ROWS = 8
_EXAMPLE, _UPLOADED = "example:", "dataset:"


class RowsPreview:
    """Shows the rows of what is chosen; a later choice overtakes an earlier one that is still being read."""

    def __init__(self, datasets: Datasets) -> None:
        self._datasets = datasets
        self._wanted = ""
        self._box = kit.div("pick-rows")

    def set_visibility(self, visible: bool) -> None:
        """Show or hide it as it is."""
        self._box.set_visibility(visible)

    async def show(self, source: str) -> None:
        """Read and show the first rows of `example:NAME` or `dataset:NAME@VERSION`; clears for all else."""
        self._wanted = source
        self._box.clear()
        if not source.startswith((_EXAMPLE, _UPLOADED)):
            return
        with self._box:
            kit.skeleton(4)
        try:
            found: Sample | str | None = await run.io_bound(self._read, source)
        except NodeGraphError as error:
            found = sentences(error.message, error.hint)
        if self._wanted == source and not self._box.is_deleted:
            self._box.clear()
            with self._box:
                _table(found) if isinstance(found, Sample) else kit.message(found or "")

    def _read(self, source: str) -> Sample:
        if source.startswith(_EXAMPLE):
            return self._datasets.preview_example(source.removeprefix(_EXAMPLE), _ROWS)
        name, _, version = source.removeprefix(_UPLOADED).partition("@")
        return self._datasets.preview(name, int(version) if version.isdigit() else None, _ROWS)


def _table(found: Sample) -> None:
    facts = [found.form, found.encoding, t("first {count} rows", count=len(found.rows)) if found.more else ""]
    kit.text(" · ".join(filter(None, facts)), "over")
    with kit.div("pick-table"), kit.table(found.columns):
        for row in found.rows:
            with kit.row():
                for cell in row:
                    kit.text(_shown(cell), "", "td", title=_shown(cell))
    if found.fault:
        kit.message(t_message(found.fault), "warning")


def _shown(cell: Any) -> str:
    return "" if cell is None else str(cell)
