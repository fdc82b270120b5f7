"""The steps of an edit: what the pipeline is now, what it was, and what was taken back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nodegraph.format import dump, load
from nodegraph.pipeline import Pipeline
from nodegraph.registry import Registry
from ui.editor import placing
from ui.editor.refused import Refused
from ui.editor.sketch import Position
from ui.editor.types import Types

_MOST_STEPS = 500
# What is typed into one field in one go is one step.
_ONE_GO = 1.0


@dataclass(frozen=True)
class Snapshot:
    """A pipeline, and the text whose comments it keeps."""

    pipeline: Pipeline
    original: str

    def text(self) -> str:
        """The text of the pipeline."""
        return dump(self.pipeline, self.original)


class Steps:
    """A pipeline with undo and redo. Models are never changed in place: what did not change stays the same.

    `revision` counts changes. `base_version` is the saved version that the edits began from, None where
    there is none; `on_change` is called after every change.
    """

    def __init__(self, text: str, registry: Registry, base_version: int | None = None) -> None:
        loaded = load(text)
        if loaded.pipeline is None:
            raise Refused("The text is no pipeline file.", problems=loaded.problems)
        self.types = Types(registry)
        self.revision = 0
        self.base_version = base_version
        self.on_change: Callable[[], Any] = lambda: None
        self._now = Snapshot(loaded.pipeline, text)
        self._saved = loaded.pipeline
        self._past: list[Snapshot] = []
        self._last = ("", 0.0)
        self._future: list[Snapshot] = []

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline as it is now."""
        return self._now.pipeline

    @property
    def snapshot(self) -> Snapshot:
        """The pipeline as it is now, for a thread that needs its text."""
        return self._now

    @property
    def changed(self) -> bool:
        """Whether there is something that is not saved."""
        return self.pipeline != self._saved

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back."""
        return bool(self._future)

    def positions(self) -> dict[str, Position]:
        """Where every card lies."""
        return placing.positions(self.pipeline, self.types)

    def text(self) -> str:
        """The pipeline file: loading it gives the pipeline; a person's comments are kept."""
        return self._now.text()

    def mark_saved(self, text: str, version: int | None) -> None:
        """This text is what is saved, as this version."""
        self._saved = load(text).pipeline or self._saved
        self.base_version = version
        self._announce()

    def undo(self) -> None:
        """Take the last step back."""
        self._last = ("", 0.0)
        if self._past:
            self._future.append(self._now)
            self._now = self._past.pop()
            self._announce()

    def redo(self) -> None:
        """Do again what was taken back."""
        self._last = ("", 0.0)
        if self._future:
            self._past.append(self._now)
            self._now = self._future.pop()
            self._announce()

    def _set(self, pipeline: Pipeline, original: str | None = None, *, field: str = "") -> None:
        """One step further; nothing where that changes nothing.

        Changes of one `field` that follow each other closely are one step.
        """
        if pipeline is self.pipeline or (pipeline == self.pipeline and original is None):
            return
        goes_on = bool(field) and self._last[0] == field and time.monotonic() - self._last[1] < _ONE_GO
        self._last = (field, time.monotonic())
        if not goes_on:
            self._past = [*self._past[1 - _MOST_STEPS :], self._now]
        self._future = []
        self._now = Snapshot(pipeline, self._now.original if original is None else original)
        self._announce()

    def _settled(self) -> Pipeline:
        """The pipeline with every card's place written down."""
        return placing.settled(self.pipeline, self.types)

    def _announce(self) -> None:
        self.revision += 1
        self.on_change()
