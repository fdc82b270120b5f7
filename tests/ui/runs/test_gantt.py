"""The rows of the time line say when a node ran, and in words how it stands."""

from __future__ import annotations

from pathlib import Path

from tests.executor.support import pipeline, run, workspace
from ui.i18n import speaking
from ui.results.titles import titles_of
from ui.runs.gantt import row_of
from ui.runs.words import nodes_in_words, states_in_words


def test_rows_of_a_run_that_failed(tmp_path: Path) -> None:
    nodes = """
    a: {type: custom.make, title: First}
    bad: {type: custom.misbehave, params: {how: bug}}
    after: {type: custom.make, inputs: {after: bad.text}}
    """
    with workspace(tmp_path) as space:
        first = run(space, pipeline("a: {type: custom.make}"))
        view = run(space, pipeline(nodes))
        titles = titles_of(space.registry, view.nodes.values())
        rows = {name: row_of(node, titles[name], None) for name, node in view.nodes.items()}
        assert (rows["a"]["title"], rows["a"]["state"], rows["a"]["text"]) == (
            "First", "cached", f"from run {first.id}"
        )  # fmt: skip
        assert rows["bad"]["text"].endswith("node") and rows["bad"]["start"] <= rows["bad"]["end"]
        assert rows["after"]["start"] is None and rows["after"]["text"]
        with speaking("zh"):
            assert row_of(view.nodes["a"], "First", None)["text"] == f"来自运行 {first.id}"
        assert states_in_words(view.counts) == "1 done (1 cached), 1 failed, 1 skipped"
        assert nodes_in_words(view) == "3 · 1 cached · 1 failed · 1 skipped"
