"""Upload a file: drop or choose it, name it, watch it go."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from nicegui import run
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from executor.services.datasets import Datasets, DatasetView
from ui import kit
from ui.forms.fixes import sentences
from ui.i18n import language, t
from ui.kit import controls
from ui.kit.fields import Field, FieldProblem
from ui.results.units import size
from ui.uploads import PATH

_ENDINGS = re.compile(
    r"(\.(jsonl|json|ndjson|csv|tsv|txt|md|parquet|zip|tar))?(\.gz)?$", re.IGNORECASE
)  # fmt: skip
_NO_NAME = re.compile(r"[^\w.-]+")


class UploadBox(Element, component="upload.js"):
    """Where files are dropped: tells of `picked`, `done` and `failed`; `start` sends what was picked."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._props["address"] = PATH
        self._props["limit"] = limit
        self._props["language"] = language()
        self._props["words"] = {
            "drop": t("Drop a file here, or choose one"),
            "kinds": t("JSON Lines, JSON, CSV, TSV, text or Parquet, up to {limit}", limit=size(limit)),
            "another": t("Choose another file"),
            "cancel": t("Cancel upload"),
            "left": t("{time} left", time="{time}"),
            "large": t("The file is larger than {limit}.", limit=size(limit)),
            "broken": t("The connection broke off. Send the file again."),
            "refused": t("The upload was refused with HTTP status {status}.", status="{status}"),
            "checking": t("Checking"),
        }


class UploadArea:
    """The box, a field for the name, and the button; `on_done(view)` hears of the dataset."""

    def __init__(self, limit: int, datasets: Datasets, on_done: Callable[[DatasetView], Any]) -> None:
        self._datasets, self._on_done = datasets, on_done
        self._box = UploadBox(limit)
        self._box.on("picked", self._picked)
        self._box.on("done", self._done)
        self._box.on("failed", self._failed)
        self._form = kit.div("pick-upload")
        self._form.set_visibility(False)
        with self._form:
            self._name = Field(
                t("Name"), controls.text(mono=True), "", name="dataset-name",
                help=t("Uploading a name again makes its next version."),
            )  # fmt: skip
            kit.button(t("Upload"), self._start, kind="primary", glyph="upload", action="upload")

    def _picked(self, event: GenericEventArguments) -> None:
        self._name.set_value(name_for(str(event.args["name"])))
        self._name.show_problems([])
        self._form.set_visibility(True)

    def _start(self) -> None:
        name = self._name.value.strip() if isinstance(self._name.value, str) else ""
        if name_for(name) != name or not name:
            sentence = t("A dataset's name has letters, digits, dots, dashes and underscores.")
            self._name.show_problems([FieldProblem(sentence)])
            return
        self._name.show_problems([])
        self._form.set_visibility(False)
        self._box.run_method("start", name)

    async def _done(self, event: GenericEventArguments) -> None:
        view = await run.io_bound(
            self._datasets.get, str(event.args["name"]), int(event.args["version"])
        )  # fmt: skip
        if view is None:  # the server is being stopped
            return
        kit.toast(t("Uploaded {name}", name=view.name), t("version {number}", number=view.version))
        await self._on_done(view)

    def _failed(self, event: GenericEventArguments) -> None:
        self._form.set_visibility(True)
        sentence = sentences(str(event.args.get("message", "")), str(event.args.get("hint", "")))
        self._name.show_problems([FieldProblem(sentence)] if sentence else [])


def name_for(file: str) -> str:
    """The name proposed for an uploaded file: that of the file, without what names cannot have."""
    stem = _ENDINGS.sub("", PurePosixPath(file.replace("\\", "/")).name)
    return _NO_NAME.sub("-", stem).strip("-.")[:100].strip("-.")
