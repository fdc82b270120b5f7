"""A node is called as on the canvas: by its title, else by its type's in the reader's language."""

from __future__ import annotations

from pathlib import Path

from executor.services.workspace import Workspace
from ui.i18n import speaking
from ui.results.titles import titles_of, told_apart

TEXT = """\
nodegraph: 1
name: names
nodes:
  load: {type: preprocess.load, params: {source: "example:shop_answers.jsonl"}}
  one: {type: preprocess.clean, inputs: {dataset: load.dataset}}
  two: {type: preprocess.clean, inputs: {dataset: load.dataset}}
  three: {type: preprocess.clean, title: Last sweep, inputs: {dataset: load.dataset}}
"""


def test_a_node_has_its_own_title_or_its_type_s_and_those_alike_are_told_apart(tmp_path: Path) -> None:
    with Workspace(tmp_path) as space:
        space.pipelines.save(TEXT)
        nodes = space.runs.get(space.runs.start("names")).nodes.values()
        titles = titles_of(space.registry, nodes)
        alike = {"one": "Clean data", "two": "Clean data"}
        assert titles == {"load": "Load data", **alike, "three": "Last sweep"}
        assert told_apart(titles) == {**titles, "one": "Clean data (one)", "two": "Clean data (two)"}
        with speaking("zh"):
            assert titles_of(space.registry, nodes)["load"] == "加载数据"
