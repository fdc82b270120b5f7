"""The example that `nodegraph demo` has ready."""

from __future__ import annotations

from pathlib import Path

import pytest

from executor.services.workspace import Workspace
from nodegraph.format import load
from nodegraph.templates import find_template
from ui.commands import demo


@pytest.fixture
def space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    with Workspace(tmp_path / "data") as opened:
        yield opened


def test_the_example_is_the_template(space: Workspace) -> None:
    demo.prepare(space)
    template = find_template("demo")
    assert template is not None
    assert load(space.pipelines.get("demo").text).pipeline == template.pipeline


def test_the_example_speaks_the_language_of_the_machine(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    demo.prepare(space)
    made = load(space.pipelines.get("demo").text).pipeline
    assert made is not None
    assert made.nodes["messages"].title == "客户消息"


def test_what_a_person_has_changed_stays(space: Workspace) -> None:
    demo.prepare(space)
    kept = space.pipelines.get("demo")
    space.pipelines.save(kept.text.replace("epochs: 6", "epochs: 7", 1), expected=kept.version)
    demo.prepare(space)
    assert space.pipelines.get("demo").version == kept.version + 1
