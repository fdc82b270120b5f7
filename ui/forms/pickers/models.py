"""Choose a model: one that a run has made, or a hub id or folder by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import run

from executor.services.artifacts import ArtifactView
from ui import kit
from ui.forms.pickers.listing import Choice, Listing
from ui.i18n import t
from ui.kit import controls
from ui.kit.buttons import disable
from ui.kit.dialogs import Dialog
from ui.kit.fields import Field
from ui.results.units import moment, size
from ui.site import Site

_MOST = 50


async def choose_model(site: Site, value: str, choose: Callable[[str], Any]) -> None:
    """Open the dialog; `choose` hears of a hub id, or of a folder on this server.

    Adapters are not offered: their base may be known to the run that made them alone, so they are wired.
    """
    models = await run.io_bound(site.workspace.artifacts.list, "model", _MOST)
    with kit.dialog(t("Choose a model"), name="model", width=640) as dialog:
        _ModelPicker(dialog, value, choose, models or [])


class _ModelPicker:
    def __init__(
        self, dialog: Dialog, value: str, choose: Callable[[str], Any], models: list[ArtifactView]
    ) -> None:
        self._dialog, self._value, self._choose, self._models = dialog, value, choose, models
        made = any(str(model.path) == value for model in models)
        tab = "made" if made or (models and not value) else "other"
        dialog.body.classes("flush")
        labels = {"made": t("Made by runs"), "other": t("Hub id or folder")}
        kit.tabs(labels, tab, self._open, counts={"made": len(models)})
        self._place = kit.div("pick-body")
        with dialog.foot:
            self._said = kit.text("", "sub mono cut grow")
            kit.button(t("Cancel"), dialog.close, action="close-dialog")
            self._use = kit.button(t("Use this model"), self._take, kind="primary", action="use")
        self._show_chosen()
        self._open(tab)

    def _open(self, tab: str) -> None:
        self._place.clear()
        with self._place:
            self._made_tab() if tab == "made" else self._other_tab()

    def _made_tab(self) -> None:
        if not self._models:
            kit.empty("box", t("No models yet"), t("Models that runs have made can be used here."))
            return
        Listing([_choice(model) for model in self._models], self._value, self._pick)

    def _other_tab(self) -> None:
        made = any(str(model.path) == self._value for model in self._models)
        Field(
            t("Model"), controls.text(mono=True), "" if made else self._value, on_change=self._typed,
            name="typed", placeholder="Qwen/Qwen2.5-0.5B-Instruct",
            help=t("The id of a hub model, or a folder on this server in Hugging Face's layout."),
        )  # fmt: skip

    def _pick(self, value: str) -> None:
        self._value = value
        self._show_chosen()

    def _typed(self, value: Any) -> None:
        self._pick(value.strip() if isinstance(value, str) else "")

    def _show_chosen(self) -> None:
        kit.set_text(self._said, self._value)
        disable(self._use, not self._value)

    def _take(self) -> Any:
        self._dialog.close()
        return self._choose(self._value)


def _choice(model: ArtifactView) -> Choice:
    title = f"{model.node}.{model.port}" if model.node else model.digest[:12]
    note = t("run {number}", number=model.run) if model.run is not None else ""
    return Choice(str(model.path), title, note, (size(model.bytes), moment(model.created)), "box")
