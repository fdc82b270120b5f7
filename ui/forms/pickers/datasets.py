"""Choose a dataset: an example, an uploaded one, a file to upload, or a hub id, path or address by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import run

from executor.services.datasets import DatasetView, ExampleView
from ui import kit
from ui.forms.pickers.listing import Choice, Listing
from ui.forms.pickers.rows import RowsPreview
from ui.forms.pickers.upload import UploadArea
from ui.i18n import t
from ui.kit import controls
from ui.kit.buttons import disable
from ui.kit.dialogs import Dialog
from ui.kit.fields import Field
from ui.results.units import moment, size
from ui.site import Site
from ui.uploads import limit_of


async def choose_dataset(site: Site, value: str, choose: Callable[[str], Any]) -> None:
    """Open the dialog; `choose` hears of the source, such as `dataset:tickets@3`."""
    datasets = site.workspace.datasets
    examples = await run.io_bound(datasets.examples)
    uploaded = await run.io_bound(datasets.list)
    with kit.dialog(t("Choose a dataset"), name="dataset", width=720) as dialog:
        picker = _DatasetPicker(site, dialog, value, choose, examples or [], uploaded or [])
    await picker.preview.show(value)


class _DatasetPicker:
    def __init__(
        self, site: Site, dialog: Dialog, value: str, choose: Callable[[str], Any],
        examples: list[ExampleView], uploaded: list[DatasetView],
    ) -> None:  # fmt: skip
        self._site, self._dialog, self._choose = site, dialog, choose
        self._value = value
        self._examples, self._uploaded = examples, uploaded
        dialog.body.classes("flush")
        self._bar = kit.div()
        self._place = kit.div("pick-body")
        self.preview = RowsPreview(site.workspace.datasets)
        with dialog.foot:
            self._said = kit.text("", "sub mono cut grow")
            kit.button(t("Cancel"), dialog.close, action="close-dialog")
            self._use = kit.button(t("Use this dataset"), self._take, kind="primary", action="use")
        self._show_chosen()
        self._go(self._tab_of(value))

    def _go(self, tab: str) -> None:
        """Show the tabs with what is in them now, and open one."""
        labels = {
            "examples": t("Examples"), "uploaded": t("Uploaded"), "upload": t("Upload"),
            "other": t("Hub id, path or address"),
        }  # fmt: skip
        self._bar.clear()
        with self._bar:
            counts = {"examples": len(self._examples), "uploaded": len(self._uploaded)}
            kit.tabs(labels, tab, self._open, counts=counts)
        self._open(tab)

    def _tab_of(self, value: str) -> str:
        if value.startswith("dataset:"):
            return "uploaded"
        return "other" if value and not value.startswith("example:") else "examples"

    def _open(self, tab: str) -> None:
        self.preview.set_visibility(bool(self._value) and tab == self._tab_of(self._value))
        self._place.clear()
        with self._place:
            getattr(self, f"_{tab}_tab")()

    def _examples_tab(self) -> None:
        choices = [Choice(view.source, view.name, facts=(size(view.bytes),)) for view in self._examples]
        Listing(choices, self._value, self._pick)

    def _uploaded_tab(self) -> None:
        if not self._uploaded:
            kit.empty(
                "database", t("Nothing uploaded yet"), t("Uploaded files stay here, each as a new version."),
                t("Upload a file"), lambda: self._go("upload"), action="open-upload",
            )  # fmt: skip
            return
        Listing([_uploaded_choice(view) for view in self._uploaded], self._value, self._pick)

    def _upload_tab(self) -> None:
        UploadArea(limit_of(self._site), self._site.workspace.datasets, self._arrived)

    def _other_tab(self) -> None:
        typed = "" if self._value.startswith(("example:", "dataset:")) else self._value
        self._field = Field(
            t("Source"), controls.text(mono=True), typed, on_change=self._typed, name="typed",
            placeholder="tatsu-lab/alpaca",
            help=t("The id of a hub dataset, an http(s) address, or a file or folder on this server."),
        )  # fmt: skip

    async def _pick(self, value: str) -> None:
        self._value = value
        self._show_chosen()
        self.preview.set_visibility(True)
        await self.preview.show(value)

    async def _typed(self, value: Any) -> None:
        await self._pick(value.strip() if isinstance(value, str) else "")

    async def _arrived(self, view: DatasetView) -> None:
        self._uploaded = await run.io_bound(self._site.workspace.datasets.list) or []
        self._value = view.source
        self._go("uploaded")
        await self._pick(view.source)

    def _show_chosen(self) -> None:
        kit.set_text(self._said, self._value)
        disable(self._use, not self._value)

    def _take(self) -> Any:
        self._dialog.close()
        return self._choose(self._value)


def _uploaded_choice(view: DatasetView) -> Choice:
    rows = t("{count} rows", count=f"{view.rows:,}") if view.rows is not None else ""
    facts = tuple(filter(None, (rows, size(view.bytes), moment(view.created))))
    return Choice(view.source, view.name, t("version {number}", number=view.version), facts)
