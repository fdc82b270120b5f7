"""Runs of a part of a graph: what is asked for, what a condition allows, what does not need what failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodegraph.errors import InvalidInput
from tests.executor.support import DIAMOND, pipeline, run, states, text_of, workspace


def test_until_runs_a_node_and_what_it_needs(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        view = run(space, pipeline(DIAMOND), until="b")
        assert states(view) == {"a": "succeeded", "b": "succeeded", "c": "skipped", "d": "skipped"}
        assert view.nodes["d"].reason == "not part of this run"
        with pytest.raises(InvalidInput, match="no node bb"):
            space.runs.submit(pipeline(DIAMOND), until="bb")


@pytest.mark.parametrize(("f1", "state"), [(0.8, "succeeded"), (0.7, "skipped")])
def test_when_decides_by_a_metric(tmp_path: Path, f1: float, state: str) -> None:
    text = pipeline(f"""
    gate: {{type: custom.gauge, params: {{f1: {f1}}}}}
    release: {{type: custom.make, when: "gate.metrics.f1 >= 0.75"}}
    after: {{type: custom.make, params: {{text: x}}, inputs: {{after: release.text}}}}
    """)
    with workspace(tmp_path) as space:
        view = run(space, text)
        assert (view.state, states(view)["release"], states(view)["after"]) == ("succeeded", state, state)
        if state == "skipped":
            assert view.nodes["release"].reason == (
                "its condition does not hold: gate.metrics.f1 is 0.7, not gate.metrics.f1 >= 0.75"
            )
            assert view.nodes["after"].reason == "release was skipped"


def test_a_disabled_node_is_bypassed(tmp_path: Path) -> None:
    text = pipeline("""
    a: {type: custom.make, params: {text: a}}
    b: {type: custom.make, params: {text: b}, inputs: {after: a.text}, enabled: false}
    c: {type: custom.make, params: {text: c}, inputs: {after: b.text}}
    """)
    with workspace(tmp_path) as space:
        view = run(space, text)
        assert states(view) == {"a": "succeeded", "b": "skipped", "c": "succeeded"}
        assert text_of(view, "c") == "ac"


def test_other_branches_finish_where_one_fails(tmp_path: Path) -> None:
    text = pipeline("""
    bad: {type: custom.misbehave, params: {how: input}}
    after: {type: custom.make, inputs: {after: bad.text}}
    later: {type: custom.make, inputs: {after: after.text}}
    good: {type: custom.make, params: {text: good, seconds: 0.5}}
    """)
    with workspace(tmp_path) as space:
        view = run(space, text)
        assert (view.state, states(view)) == (
            "failed",
            {"bad": "failed", "after": "skipped", "later": "skipped", "good": "succeeded"},
        )
        assert view.nodes["after"].reason == "bad has failed"
        assert view.nodes["bad"].error == {
            "category": "input",
            "message": "Line 3 is no number.",
            "hint": "Mend line 3.",
            "exit_code": 1,
        }
