"""A file is looked at before it is imported, and a version at what it changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from executor.services.workspace import Workspace
from ui.pipelines.importing import look
from ui.pipelines.versions import changes

GOOD = "nodegraph: 1\nname: mine\ntitle: Mine\nnodes: {}\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace(tmp_path / "data") as opened:
        yield opened


def test_every_mistake_is_found_with_its_line(workspace: Workspace) -> None:
    found = look(workspace, "nodegraph: 1\nname: Bad Name\nnodes:\n  a: {type: train.stf}\ntitel: x\n")
    assert found.name == ""
    assert {(problem.code, problem.line) for problem in found.problems} == {
        ("bad-name", 2), ("unknown-type", 4), ("unknown-key", 5),
    }  # fmt: skip


def test_a_graph_with_problems_is_a_pipeline_still(workspace: Workspace) -> None:
    found = look(workspace, "nodegraph: 1\nname: mine\nnodes:\n  a: {type: train.stf}\n")
    assert found.name == "mine" and found.nodes == 1
    assert [problem.code for problem in found.problems] == ["unknown-type"]


def test_a_name_that_is_there_says_which_version_it_has(workspace: Workspace) -> None:
    assert look(workspace, GOOD).kept is None
    workspace.pipelines.save(GOOD)
    assert look(workspace, GOOD).kept == 1
    workspace.pipelines.delete("mine")
    assert look(workspace, GOOD).kept is None


@pytest.mark.parametrize("text", ["", "\0", "- a\n- b", "name: [", "nodegraph: 1\nname: &a x"])
def test_what_is_no_pipeline_is_no_reason_to_fail(workspace: Workspace, text: str) -> None:
    found = look(workspace, text)
    assert found.name == "" and found.problems


def test_changes_show_what_was_and_what_is() -> None:
    found = changes("a\nb\nc\n", "a\nB\nc\n")
    assert found[0].startswith("@@") and found[1:] == [" a", "-b", "+B", " c"]
    assert changes("a\n", "a\n") == []
