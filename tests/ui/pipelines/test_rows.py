"""The list of pipelines: what each line says, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from executor.services.workspace import Workspace
from ui.pipelines.rows import Row, matching, rows_of

TEXT = """nodegraph: 1
name: {name}
title: {title}
nodes:
  load:
    type: preprocess.load
    params: {{source: "{source}", shape: {shape}}}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace(tmp_path / "data", engine=True) as opened:
        yield opened


def save(workspace: Workspace, name: str = "one", title: str = "One", shape: str = "auto") -> None:
    source = "example:shop_answers.jsonl"
    workspace.pipelines.save(TEXT.format(name=name, title=title, source=source, shape=shape))


def only(workspace: Workspace) -> Row:
    (row,) = rows_of(workspace)
    return row


def test_what_comes_next_follows_what_happened(workspace: Workspace) -> None:
    workspace.pipelines.create("one", "One")
    assert only(workspace).next == "edit" and only(workspace).nodes == 0
    save(workspace)
    assert only(workspace).next == "run" and only(workspace).nodes == 1
    run = workspace.runs.start("one")
    assert workspace.runs.wait(run).state == "succeeded"
    assert only(workspace).next == "open"
    save(workspace, shape="preference")
    assert only(workspace).next == "run-version"
    assert workspace.runs.wait(workspace.runs.start("one")).state == "failed"
    assert only(workspace).next == "see-failure"
    workspace.drafts.keep("one", "half", 3)
    assert only(workspace).next == "edit" and only(workspace).draft


def test_what_cannot_run_is_not_offered_to(workspace: Workspace) -> None:
    save(workspace, shape="round")
    assert only(workspace).next == "see-problems"
    assert "shape" in only(workspace).wrong[0].message
    save(workspace)
    assert only(workspace).next == "run"


def test_a_run_that_goes_on_is_to_be_watched(tmp_path: Path) -> None:
    with Workspace(tmp_path) as workspace:
        save(workspace)
        workspace.runs.start("one")
        assert only(workspace).next == "watch"


def test_the_latest_comes_first(workspace: Workspace) -> None:
    for name in ("a", "b", "c"):
        save(workspace, name)
    assert [row.pipeline.name for row in rows_of(workspace)] == ["c", "b", "a"]
    workspace.runs.wait(workspace.runs.start("a"))
    assert [row.pipeline.name for row in rows_of(workspace)] == ["a", "c", "b"]


def test_what_is_deleted_is_not_listed(workspace: Workspace) -> None:
    save(workspace)
    workspace.pipelines.delete("one")
    assert rows_of(workspace) == []


def test_a_search_looks_at_names_and_titles(workspace: Workspace) -> None:
    save(workspace, "alpha", "客服模型")
    save(workspace, "beta", "Weekly Retrain")
    rows = rows_of(workspace)
    assert [row.pipeline.name for row in matching(rows, "客服")] == ["alpha"]
    assert [row.pipeline.name for row in matching(rows, "retrain BETA")] == ["beta"]
    assert matching(rows, "gamma") == []
