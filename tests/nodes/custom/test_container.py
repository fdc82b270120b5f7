"""What `custom.container` takes and refuses; that it runs is shown in tests/executor/docker."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from executor.services.workspace import Workspace
from nodegraph.contract import OwnImage, Port
from nodegraph.errors import InvalidInput
from nodegraph.registry import Registered, Registry, load_type
from nodegraph.validation import check_text
from tests.executor.support import pipeline


@pytest.fixture
def container() -> Registered:
    found = load_type("custom.container")
    assert isinstance(found, Registered), found
    return found


def test_ports_are_those_it_declares(container: Registered) -> None:
    params = container.node.params.model_validate(
        {"image": "tools:1", "command": ["convert", "--fast"], "environment": {"LEVEL": "2"},
         "inputs": {"data": "dataset"}, "outputs": {"model": "model", "scores": "metrics"}}
    )  # fmt: skip
    assert container.node.input_ports(params) == {"data": Port("dataset")}
    assert container.node.output_ports(params) == {"model": Port("model"), "scores": Port("metrics")}
    assert container.node.own_image is not None
    assert container.node.own_image(params) == OwnImage("tools:1", ("convert", "--fast"), {"LEVEL": "2"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"image": "--privileged"},
        {"image": "-v/:/host"},
        {"image": "a b"},
        {"image": "x;id"},
        {"image": ""},
        {"command": ["--privileged"]},
        {"command": [""]},
        {"command": ["a\0b"]},
        {"command": "rm -rf /"},
        {"environment": {"LD_PRELOAD": "/x.so"}},
        {"environment": {"NODEGRAPH_OUTPUT_TEXT": "/etc"}},
        {"environment": {"A;id": "x"}},
        {"inputs": {"../x": "text"}},
        {"inputs": {"x": "socket"}},
        {"outputs": {"a": "text", "A": "text"}},
        {"outputs": {}},
        {"privileged": True},
        {"volumes": ["/:/host"]},
    ],
    ids=str,
)
def test_a45_a46_what_is_no_image_command_or_port_is_refused(container: Registered, wrong: dict) -> None:
    with pytest.raises(ValidationError):
        container.node.params.model_validate({"image": "tools:1", **wrong})


def test_its_edges_are_checked_like_all_others(container: Registered) -> None:
    text = pipeline("""
    a: {type: custom.container, params: {image: "x:1", outputs: {made: dataset}}}
    b: {type: custom.container, params: {image: "x:1", inputs: {given: model}}, inputs: {given: a.made}}
    """)
    problems = check_text(text, Registry({"custom.container": container})).problems
    assert [(problem.node, problem.port) for problem in problems] == [("b", "given")]


def test_as_a_process_it_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with Workspace(tmp_path / "data") as space, pytest.raises(InvalidInput) as caught:
        space.runs.submit(pipeline('a: {type: custom.container, params: {image: "x:1"}}'))
    assert [problem.code for problem in caught.value.problems] == ["needs-docker"]
    assert "launcher docker" in caught.value.problems[0].hint
