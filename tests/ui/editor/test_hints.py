"""Hints in the editor say what to do on the canvas; on the command line they speak of the file."""

from __future__ import annotations

import pytest

from nodegraph.pipeline import Node, Parameter, Pipeline
from nodegraph.problems import Problem
from nodegraph.references import resolve
from nodegraph.registry import Registry
from nodegraph.validation import validate
from ui.editor.hints import on_canvas
from ui.i18n.catalogue import find

REGISTRY = Registry.scan()
CLEAN = Node(type="preprocess.clean")
LOAD = Node(type="preprocess.load", params={"source": "a.jsonl"})
CASES = {
    "empty": ({}, "Drag one from the palette onto the canvas."),
    "alone": ({"clean": CLEAN}, "Add a node that gives one, and drag an edge from it."),
    "beside": ({"load": LOAD, "clean": CLEAN}, "Drag an edge to it, such as from load.dataset."),
    "no value": ({"load": Node(type="preprocess.load")}, "Give it a value on the right."),
    "no port": (
        {"load": LOAD, "clean": Node(type="preprocess.clean", inputs={"dataset": "load"})},
        "Drag an edge from load.dataset or load.report instead.",
    ),
    "undeclared": (
        {"load": Node(type="preprocess.load", params={"source": "${parameters.where}"})},
        "Add it to the pipeline's parameters: they are on the right while nothing is selected.",
    ),
    "a key": (
        {"judge": Node(type="judge.rubric", params={"api_key": "sk-1234567890"})},
        "Choose a secret or add one; the key itself is no part of the pipeline.",
    ),
}


@pytest.mark.parametrize(("nodes", "hint"), CASES.values(), ids=CASES)
def test_what_to_do_is_said_for_the_canvas(nodes: dict[str, Node], hint: str) -> None:
    said = _said(Pipeline(name="p", nodes=nodes))
    assert hint in said
    assert all("under " not in one and "--param" not in one and "`nodegraph" not in one for one in said)
    assert find("zh", hint)


def test_a_parameter_without_a_value_has_two_ways_to_get_one() -> None:
    said = _said(Pipeline(name="p", parameters={"who": Parameter()}, nodes={"load": LOAD}))
    assert said == ["Give it a default, or its value for one run: Options… beside Run."]
    assert all(find("zh", hint) for hint in said)


def _said(pipeline: Pipeline) -> list[str]:
    resolved = resolve(pipeline, partial=True)
    problems: list[Problem] = resolved.problems + validate(resolved.pipeline, REGISTRY)
    return [on_canvas(problem).hint for problem in problems]
