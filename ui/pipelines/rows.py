"""The list of pipelines as plain data: what each line says, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from executor.services.pipelines import PipelineView
from executor.services.views import RunView
from executor.services.workspace import Workspace
from nodegraph.format import load
from nodegraph.problems import Problem, errors_of
from ui.editor.checking import problems_of

Next = Literal["run", "run-version", "watch", "see-failure", "see-problems", "open", "edit"]
_RUNS: tuple[Next, ...] = ("run", "run-version")


@dataclass(frozen=True)
class Row:
    """One pipeline: its latest version, its last run, whether somebody left unsaved changes.

    `wrong` is what keeps it from running, looked for only where that is what would come next.
    """

    pipeline: PipelineView
    nodes: int
    run: RunView | None
    draft: bool
    wrong: Sequence[Problem] = ()

    @property
    def title(self) -> str:
        """What it is called."""
        return self.pipeline.title or self.pipeline.name

    @property
    def next(self) -> Next:
        """What a person most likely wants to do."""
        if self.run is not None and not self.run.final:
            return "watch"
        if self.draft or not self.nodes:
            return "edit"
        if self.wrong:
            return "see-problems"
        if self.run is None:
            return "run"
        if (self.run.version or 0) < self.pipeline.version:
            return "run-version"
        return "see-failure" if self.run.state == "failed" else "open"


def rows_of(workspace: Workspace) -> list[Row]:
    """Every pipeline, the one that something happened to last on top."""
    kept = workspace.pipelines.list()
    runs = workspace.runs.last_of([view.name for view in kept])
    found = [
        Row(view, _nodes(view.text), runs.get(view.name), workspace.drafts.get(view.name) is not None)
        for view in kept
    ]
    secrets = tuple(workspace.secrets.names())
    checked = [
        replace(row, wrong=_wrong(workspace, row.pipeline.text, secrets)) if row.next in _RUNS else row
        for row in found
    ]
    return sorted(checked, key=_touched, reverse=True)


def matching(rows: list[Row], query: str) -> list[Row]:
    """The rows whose name and title have every word of the query."""
    words = query.casefold().split()
    return [
        row for row in rows
        if all(word in f"{row.pipeline.name} {row.pipeline.title}".casefold() for word in words)
    ]  # fmt: skip


def _touched(row: Row) -> float:
    return max(row.pipeline.created, row.run.created if row.run else 0)


@lru_cache(maxsize=1000)
def _wrong(workspace: Workspace, text: str, _secrets: tuple[str, ...]) -> list[Problem]:
    pipeline = load(text).pipeline
    return errors_of(problems_of(pipeline, workspace, partial=False)) if pipeline else []


@lru_cache(maxsize=1000)
def _nodes(text: str) -> int:
    loaded = load(text)
    return len(loaded.pipeline.nodes) if loaded.pipeline else 0
