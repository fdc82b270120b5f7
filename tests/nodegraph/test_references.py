"""Parameters of a pipeline are filled in, secrets are only ever named."""

from __future__ import annotations

import pytest

from nodegraph.format import load
from nodegraph.references import resolve, secrets_of
from nodegraph.validation import check_text

TEXT = """\
nodegraph: 1
name: x
parameters:
  rate: {kind: number, default: 0.5, min: 0, max: 1}
  epochs: {kind: integer, default: 3, min: 1}
  loud: {kind: boolean, default: false}
  method: {kind: choice, choices: [full, lora], default: full}
  model: {kind: model, title: Base model}
  size: {kind: choice, choices: [1, 2.5, true], default: 1}
nodes:
  a:
    type: t.t
    params:
      rate: "${parameters.rate}"
      loud: "${parameters.loud}"
      text: "${parameters.model} at ${parameters.rate}, ${parameters.loud}"
      deep: [{x: ["${parameters.epochs}"]}]
      shell: "echo $${HOME} $${x} ${}"
      key: "${secrets.OPENAI_API_KEY}"
    when: "b.m.f1 >= ${parameters.rate}"
  b: {type: t.t}
"""


@pytest.fixture
def pipeline():
    return load(TEXT).pipeline


def test_a_whole_reference_keeps_its_type_and_an_embedded_one_is_written_out(pipeline):
    resolved = resolve(pipeline, {"model": "qwen"})
    assert resolved.problems == []
    node = resolved.pipeline.nodes["a"]
    assert node.params == {
        "rate": 0.5,
        "loud": False,
        "text": "qwen at 0.5, false",
        "deep": [{"x": [3]}],
        "shell": "echo ${HOME} ${x} ${}",
        "key": "${secrets.OPENAI_API_KEY}",
    }
    assert node.when == "b.m.f1 >= 0.5"
    assert resolved.secrets == {"OPENAI_API_KEY"}
    assert pipeline.nodes["a"].params["rate"] == "${parameters.rate}"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [("rate", "0.25", 0.25), ("rate", "1", 1), ("rate", "1e-3", 0.001), ("epochs", " 7 ", 7),
     ("loud", "True", True),
     ("method", "lora", "lora"), ("size", "2.5", 2.5), ("size", "true", True), ("model", "12", "12"),
     ("model", "no", "no")],
)  # fmt: skip
def test_text_from_a_command_line_is_read_by_the_declared_kind(pipeline, name, text, value):
    pipeline.nodes["a"].params = {"it": f"${{parameters.{name}}}"}
    resolved = resolve(pipeline, {"model": "m", name: text})
    assert resolved.problems == []
    assert resolved.pipeline.nodes["a"].params["it"] == value
    assert type(resolved.pipeline.nodes["a"].params["it"]) is type(value)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [("rate", "2", "rate must be at most 1, not 2."), ("rate", "-1", "rate must be at least 0, not -1."),
     ("rate", "fast", 'rate must be a number, not the text "fast".'),
     ("rate", True, "rate must be a number, not true."),
     ("rate", "nan", "must be a number"), ("rate", "1e999", "finite"),
     ("epochs", "2.5", "must be a whole number, not 2.5"),
     ("epochs", 2.5, "must be a whole number, not 2.5."), ("epochs", "9" * 5000, "whole number"),
     ("epochs", 2**63, "64 bits"),
     ("loud", "yes", "must be true or false"), ("method", "dora", "must be one of full, lora"),
     ("size", "3", "must be one of 1, 2.5, true"), ("model", 3, "Base model must be text, not 3.")],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_a_problem(pipeline, name, value, message):
    (problem,) = resolve(pipeline, {"model": "m", name: value}).problems
    assert (problem.code, problem.param, problem.severity) == ("bad-param", name, "error")
    assert message in problem.message


def test_an_unknown_parameter_names_the_nearest(pipeline):
    (problem,) = resolve(pipeline, {"model": "m", "epoch": "3"}).problems
    assert (problem.code, problem.hint) == ("unknown-param", "Did you mean epochs?")


def test_a_parameter_without_a_value_is_an_error_at_a_run_and_a_warning_before(pipeline, registry):
    (problem,) = resolve(pipeline).problems
    assert (problem.code, problem.param, problem.severity) == ("missing-param", "model", "error")
    assert "--param model=" in problem.hint
    (problem,) = resolve(pipeline, partial=True).problems
    assert problem.severity == "warning"


def test_a_required_value_that_is_still_asked_for_is_no_further_problem(registry):
    text = (
        "name: x\nparameters:\n  file: {kind: dataset}\nnodes:\n"
        '  a: {type: preprocess.load, params: {source: "${parameters.file}"}}\n'
    )
    checked = check_text(text, registry)
    assert [(p.code, p.severity, p.line) for p in checked.problems] == [("missing-param", "warning", 3)]
    assert checked.pipeline is not None


@pytest.mark.parametrize(
    ("text", "hint"),
    [("${parameters.raet}", "Did you mean rate?"), ("${params.rate}", "Did you mean ${parameters.rate}?"),
     ("${secret.KEY}", "Did you mean ${secrets.KEY}?"), ("${secrets.a-b}", "letters, digits and underscores"),
     ("x ${parameters.} y", "Known: "), ("${foo.bar}", "$${foo.bar} for the text itself"),
     ("${HOME}", "Write ${parameters.NAME} or ${secrets.NAME}")],
)  # fmt: skip
def test_a_reference_to_nothing_is_a_problem(pipeline, text, hint):
    pipeline.nodes["b"].params = {"p": [text]}
    (problem,) = resolve(pipeline, {"model": "m"}).problems
    assert (problem.code, problem.node, problem.param) == ("unresolved-reference", "b", "p")
    assert hint in problem.hint


def test_parameters_do_not_refer_to_each_other(pipeline):
    problems = resolve(pipeline, {"model": "${parameters.rate}"}).problems
    assert [problem.code for problem in problems] == ["unresolved-reference"]


def test_a_value_is_never_read_again_for_references(pipeline):
    resolved = resolve(pipeline, {"model": "${secrets.KEY}"})
    assert resolved.pipeline.nodes["a"].params["text"].startswith("${secrets.KEY} at")
    assert resolved.secrets == {"OPENAI_API_KEY", "KEY"}


def test_set_reads_values_as_the_file_would(pipeline):
    sets = {"a.rate": "1.0e-4", "b.names": "[x, 2]", "b.word": "no", "b.on": "true", "b.same": 7}
    resolved = resolve(pipeline, {"model": "m"}, sets)
    assert resolved.problems == []
    assert resolved.pipeline.nodes["a"].params["rate"] == 0.0001
    assert resolved.pipeline.nodes["b"].params == {"names": ["x", 2], "word": "no", "on": True, "same": 7}


@pytest.mark.parametrize(
    ("place", "value", "code"),
    [("c.rate", "1", "unknown-param"), ("rate", "1", "unknown-param"), ("a.rate", "[1", "yaml-syntax"),
     ("a.rate", "!!python/object:x {}", "yaml-tag"), ("a.rate", "1e999", "bad-number"),
     ("a.rate", "&a 1", "yaml-alias")],
)  # fmt: skip
def test_set_with_a_mistake_is_a_problem(pipeline, place, value, code):
    (problem,) = resolve(pipeline, {"model": "m"}, {place: value}).problems
    assert problem.code == code
    assert problem.message


def test_the_secrets_of_each_node(registry):
    text = (
        "name: x\nnodes:\n"
        "  plain: {type: judge.rubric, params: {api_key: OPENAI_API_KEY}}\n"
        '  written: {type: judge.rubric, params: {api_key: "${secrets.OTHER_KEY}"}}\n'
        '  inside: {type: judge.rubric, params: {base_url: "http://x/?k=${secrets.URL_KEY}"}}\n'
        "  none: {type: judge.rubric}\n"
    )
    secrets = secrets_of(load(text).pipeline, registry)
    assert secrets == {"plain": {"OPENAI_API_KEY"}, "written": {"OTHER_KEY"}, "inside": {"URL_KEY"}}


def test_a_secret_that_is_not_set_is_a_warning(registry, training):
    text = (
        training
        + "  ask: {type: judge.rubric, params: {api_key: MY_KEY}, inputs: {samples: score.samples}}\n"
    )
    (problem,) = check_text(text, registry, secrets=["OTHER"]).problems
    assert (problem.code, problem.node, problem.severity) == ("missing-secret", "ask", "warning")
    assert check_text(text, registry, secrets=["MY_KEY"]).problems == []
