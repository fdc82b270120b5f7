"""The outlook: what each node of a pipeline as it stands now would do, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from executor.services.outlook import NodeOutlook
from executor.services.workspace import Workspace
from tests.executor.support import pipeline, run, workspace

CHAIN = """
a: {type: custom.make, params: {text: A}}
b: {type: custom.make, params: {text: b}, inputs: {after: a.text}}
c: {type: custom.make, params: {text: c}, inputs: {after: b.text}}
"""


def look(space: Workspace, nodes: str, name: str = "toy") -> dict[str, NodeOutlook]:
    return space.outlook.of(pipeline(nodes, name=name), space.data_dir.root)


def states(found: dict[str, NodeOutlook]) -> dict[str, str]:
    return {name: f"{one.state} {one.why}".strip() for name, one in found.items()}


def test_what_was_never_run_is_a_draft(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        assert states(look(space, CHAIN)) == {"a": "draft", "b": "draft", "c": "draft"}
        assert space.outlook.of("no: [yaml", tmp_path) == {}


def test_green_only_with_outputs_and_stale_says_what_changed(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        view = run(space, pipeline(CHAIN))
        found = look(space, CHAIN)
        assert states(found) == {"a": "succeeded", "b": "succeeded", "c": "succeeded"}
        assert found["b"].outputs == view.nodes["b"].outputs and found["b"].run == view.id
        assert found["b"].seconds == pytest.approx(view.nodes["b"].seconds)
        assert found["a"].metrics == {"length": 1.0}
        changed = look(space, CHAIN.replace("text: b", "text: B, seconds: 0.01"))
        assert states(changed) == {
            "a": "succeeded", "b": "stale seconds, text", "c": "stale upstream changed"
        }  # fmt: skip
        assert (changed["b"].run, changed["b"].outputs) == (view.id, {})
        added = look(
            space, CHAIN.replace("after: a.text", "after: [a.text, d.text]") + "d: {type: custom.make}"
        )
        assert states(added) == {
            "a": "succeeded", "b": "stale upstream changed", "c": "stale upstream changed", "d": "draft"
        }  # fmt: skip


def test_a_result_of_another_run_is_cached_and_names_it(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        first = run(space, pipeline(CHAIN))
        assert states(look(space, CHAIN, name="other"))["a"] == "cached"
        second = run(space, pipeline(CHAIN))
        assert second.nodes["a"].state == "cached"
        found = look(space, CHAIN)
        assert {(one.state, one.run) for one in found.values()} == {("cached", first.id)}
        changed = CHAIN.replace("text: b", "text: B")
        third = run(space, pipeline(changed))
        found = look(space, changed)
        assert [(one.state, one.run) for one in found.values()] == [
            ("cached", first.id), ("succeeded", third.id), ("succeeded", third.id)
        ]  # fmt: skip
        back = look(space, CHAIN)
        assert {(one.state, one.run) for one in back.values()} == {("cached", first.id)}


def test_a_failure_is_shown_until_something_changes(tmp_path: Path) -> None:
    nodes = """
    bad: {type: custom.misbehave, params: {how: input}}
    after: {type: custom.make, inputs: {after: bad.text}}
    """
    with workspace(tmp_path) as space:
        view = run(space, pipeline(nodes))
        found = look(space, nodes)
        assert states(found) == {"bad": "failed", "after": "draft"}
        assert found["bad"].run == view.id and found["bad"].error == view.nodes["bad"].error
        assert states(look(space, nodes.replace("input}", "bug}")))["bad"] == "draft"
        mended = nodes.replace("how: input", "how: input, times: 0")
        run(space, pipeline(mended))
        assert states(look(space, mended)) == {"bad": "succeeded", "after": "succeeded"}
        assert states(look(space, nodes)) == {"bad": "stale times", "after": "stale upstream changed"}


def test_results_that_are_gone_are_not_green(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        view = run(space, pipeline(CHAIN))
        space.store.forget(view.nodes["b"].outputs["text"].digest)
        assert states(look(space, CHAIN)) == {
            "a": "succeeded", "b": "stale its result is gone", "c": "stale upstream changed"
        }  # fmt: skip
        text = Path(view.nodes["a"].outputs["text"].path) / "text.txt"
        text.chmod(0o644)
        text.write_text("Z")
        assert states(look(space, CHAIN))["a"] == "stale its result must be checked"


def test_files_count_and_are_found_from_the_folder(tmp_path: Path) -> None:
    nodes = "a: {type: custom.read, params: {source: data.txt}}"
    with workspace(tmp_path) as space:
        data = space.data_dir.root / "data.txt"
        data.write_text("one")
        assert states(look(space, nodes)) == {"a": "draft"}
        run(space, pipeline(nodes), base_dir=space.data_dir.root)
        assert states(look(space, nodes)) == {"a": "succeeded"}
        data.write_text("two")
        assert states(look(space, nodes)) == {"a": "stale content of source"}
        data.unlink()
        assert states(look(space, nodes))["a"].startswith("stale")


def test_disabled_nodes_and_conditions_that_do_not_hold_are_skipped(tmp_path: Path) -> None:
    nodes = """
    gate: {type: custom.gauge, params: {f1: 0.5}}
    low: {type: custom.make, when: "gate.metrics.f1 >= 0.75"}
    after: {type: custom.make, inputs: {after: low.text}}
    high: {type: custom.make, when: "gate.metrics.f1 < 0.75"}
    off: {type: custom.make, enabled: false}
    """
    with workspace(tmp_path) as space:
        view = run(space, pipeline(nodes))
        found = look(space, nodes)
        for name in ("low", "after", "off"):
            assert (found[name].state, found[name].why) == ("skipped", view.nodes[name].reason)
        assert states(found)["high"] == states(found)["gate"] == "succeeded"


def test_nodes_that_are_not_right_do_not_hide_the_others(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        run(space, pipeline(CHAIN))
        wrong = CHAIN.replace("text: b", "text: [b]") + (
            "x: {type: no.such}\n"
            "y: {type: custom.make, inputs: {after: z.text}}\n"
            "z: {type: custom.make, inputs: {after: y.text}}\n"
            "r: {type: custom.read}\n"
        )
        assert states(look(space, wrong)) == {
            "a": "succeeded", "b": "stale its settings", "c": "stale upstream changed",
            "x": "draft", "y": "draft", "z": "draft", "r": "draft",
        }  # fmt: skip


def test_a_node_that_always_runs_stands_as_its_last_run_left_it(tmp_path: Path) -> None:
    nodes = """
    a: {type: custom.speak, params: {hexadecimal: "41"}}
    b: {type: custom.make, inputs: {after: a.text}}
    """
    with workspace(tmp_path) as space:
        run(space, pipeline(nodes))
        assert states(look(space, nodes)) == {"a": "succeeded", "b": "succeeded"}
        assert states(look(space, nodes.replace("41", "42")))["a"] == "stale hexadecimal"


def test_a_parameter_without_a_value_is_no_obstacle(tmp_path: Path) -> None:
    text = pipeline("a: {type: custom.make, params: {text: '${parameters.word}'}}", parameters="{word: {}}")
    with workspace(tmp_path) as space:
        view = run(space, text, params={"word": "given"})
        root = space.data_dir.root
        assert space.outlook.of(text, root)["a"].state == "stale"
        assert space.outlook.of(text, root, {"word": "given"})["a"].run == view.id
