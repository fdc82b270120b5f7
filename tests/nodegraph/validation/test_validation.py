"""Validation returns every problem at once, each with a place, a line and what to do."""

from __future__ import annotations

import pytest

from nodegraph.format import load
from nodegraph.pipeline import Node, Pipeline
from nodegraph.problems import CODES
from nodegraph.validation import check_text, validate

BAD = """\
nodegraph: 1
name: bad
titel: misspelt
nodes:
  raw:
    type: preprocess.load
    params: {sorce: rows.jsonl}
  clean:
    type: preprocess.claen
    inputs: {dataset: raw.datasett}
  train:
    type: train.sft
    params: {epochs: 0, learning_rate: "1e-4", method: lroa, base_model: 7}
    inputs: {dataset: [raw.dataset, raw.dataset], data: raw.dataset, validation: raw.report}
    retry: {attempts: 50, delai: 3s}
  score:
    type: evaluate.text
    inputs: {model: ghost.model}
    when: "raw.report.f1 > 0.5"
  loop:
    type: augment.mix
    inputs: {datasets: [loop.dataset]}
  ask:
    type: judge.rubric
    params: {base_url: "${parameters.url}"}
    inputs: {samples: score}
schedules:
  - {cron: "0 2 31 2 *", timezone: Mars/Olympus}
"""


def test_every_problem_at_once(registry):
    found = {
        (p.code, p.node, p.port or p.param, p.line): f"{p.message} {p.hint}"
        for p in check_text(BAD, registry).problems
    }
    expected = {
        ("unknown-key", None, "titel", 3): "Did you mean title?",
        ("unknown-param", "raw", "sorce", 7): "Did you mean source?",
        ("missing-param", "raw", "source", 7): "Source (source) is missing. Add source under params.",
        ("unknown-type", "clean", None, 9): "Did you mean preprocess.clean?",
        ("unknown-output", "clean", "dataset", 10): "raw has no output datasett. Did you mean raw.dataset?",
        ("bad-param", "train", "epochs", 13): "Epochs (epochs) must be at least 1, not 0. Allowed: 1 to 100.",
        ("bad-param", "train", "learning_rate", 13): 'not the text "1e-4". Write it without quotes.',
        ("bad-param", "train", "method", 13): 'one of full, lora, not the text "lroa". Did you mean lora?',
        ("bad-param", "train", "base_model", 13): "must be text, not 7. Put it in quotes.",
        ("too-many-inputs", "train", "dataset", 14): "takes one source, not 2",
        ("unknown-input", "train", "data", 14): "train.sft has no input data. Did you mean dataset?",
        ("wrong-kind", "train", "validation", 14): "needs dataset, got report from raw.report",
        ("bad-value", "train", None, 15): "attempts must be at most 20, not 50.",
        ("unknown-key", "train", None, 15): "Did you mean delay?",
        ("dangling-edge", "score", "model", 18): "comes from ghost, which is no node",
        ("missing-input", "score", "dataset", 18): "such as inputs: {dataset: raw.dataset}",
        ("bad-condition", "score", None, 19): "the output report is report, not metrics.",
        ("cycle", "loop", None, 20): "loop waits for itself.",
        ("unresolved-reference", "ask", "base_url", 25): "${parameters.url}",
        ("unknown-output", "ask", "samples", 26): "Write score.metrics or score.samples.",
        ("bad-schedule", None, None, 28): "",
    }  # fmt: skip
    assert found.keys() == expected.keys()
    for place, words in expected.items():
        assert words in found[place], place
    assert {code for code, *_ in found} <= CODES.keys()


def test_a_pipeline_that_is_right_has_no_problems(registry, training):
    checked = check_text(training, registry)
    assert checked.problems == []
    assert checked.pipeline is not None
    assert checked.pipeline == checked.resolved


def test_a_problem_reads_as_a_sentence_with_its_place(registry, training):
    (problem,) = check_text(training.replace("min_chars: 2", "min_chars: -1"), registry).problems
    assert str(problem) == (
        "line 9: clean.min_chars: Shortest text (min_chars) must be at least 0, not -1. Allowed: 0 to 10000."
    )


def test_a_union_is_one_problem(registry, training):
    (problem,) = check_text(training.replace("min_chars: 2", "rate: fast"), registry).problems
    assert problem.message == 'Rate (rate) must be a number or auto, not the text "fast".'


@pytest.mark.parametrize("value", ["5", "2.5", "true", "[1]", "null"])
def test_strict_types(registry, training, value):
    problems = check_text(training.replace("min_chars: 2", f"keep_case: {value}"), registry).problems
    assert [p.code for p in problems] == ([] if value == "true" else ["bad-param"])


def test_an_adapter_is_a_model_unless_full_weights_are_needed(registry, training):
    lora = training.replace("type: train.sft", "type: train.sft\n    params: {method: lora}")
    assert check_text(lora, registry).problems == []
    quantized = lora + "  small:\n    type: quantize.model\n    inputs: {model: train.model}\n"
    (problem,) = check_text(quantized, registry).problems
    assert (problem.code, problem.node, problem.port) == ("needs-full-weights", "small", "model")
    assert problem.message == "The input model needs full weights, got adapter from train.model."
    assert problem.hint


def test_a_broken_type_says_what_is_broken(tmp_path, write_modules, training):
    from nodegraph.registry import Registry

    root = write_modules(tmp_path / "nodes", {"preprocess/load": "import no_such_library_anywhere\n"})
    problems = check_text(training, Registry.scan(root)).problems
    (broken,) = [problem for problem in problems if problem.code == "broken-type"]
    assert "no_such_library_anywhere" in broken.message and broken.node == "raw"


def test_ports_that_fail_are_the_types_fault_not_ours(tmp_path, write_modules):
    from nodegraph.registry import Registry

    body = (
        "def outputs_of(params):\n    raise KeyError('oops')\n\n"
        "NODE = NodeType(title='X', category='train', params=NodeParams, outputs=outputs_of)\n"
    )
    registry = Registry.scan(write_modules(tmp_path / "nodes", {"train/x": body}))
    (problem,) = check_text("name: x\nnodes:\n  a: {type: train.x}\n", registry).problems
    assert problem.code == "broken-type" and "oops" in problem.message


def test_what_is_wrong_with_a_disabled_node_is_a_warning(registry, training):
    text = training.replace("params: {min_chars: 2}", "params: {min_chars: -2}\n    enabled: false")
    checked = check_text(text, registry)
    assert [(p.code, p.severity) for p in checked.problems] == [("bad-param", "warning")]
    assert checked.pipeline is not None


def test_nodes_that_a_disabled_one_takes_along_are_named(registry, training):
    text = training.replace("type: train.sft", "type: train.sft\n    enabled: false")
    (problem,) = check_text(text, registry).problems
    assert (problem.code, problem.node, problem.severity) == ("skipped-node", "score", "warning")


def test_a_bypass_that_brings_the_wrong_kind_is_found(registry):
    text = (
        "name: x\nnodes:\n  raw: {type: preprocess.load, params: {source: a}}\n"
        "  a: {type: train.sft, params: {method: lora}, inputs: {dataset: raw.dataset}}\n"
        "  b: {type: train.sft, inputs: {model: a.model, dataset: raw.dataset}, enabled: false}\n"
        "  q: {type: quantize.model, inputs: {model: b.model}}\n"
    )
    (problem,) = check_text(text, registry).problems
    assert (problem.code, problem.node) == ("needs-full-weights", "q")
    assert "from a.model" in problem.message


def test_a_bad_name_is_one_problem_not_a_trail_of_them(registry, training):
    problems = check_text(training.replace("raw", "1 raw"), registry).problems
    assert [(p.code, p.node, p.line) for p in problems] == [("bad-name", "1 raw", 4)]
    assert "letters, digits" in problems[0].hint


@pytest.mark.parametrize("name", ["Qwen", "a_b", "-a", "a" * 65, "", "a\n"])
def test_a_bad_pipeline_name(name):
    loaded = load(f"name: {name!r}\n".replace("'", '"'))
    assert [problem.code for problem in loaded.problems] == ["bad-name"]


def test_a_missing_name_and_a_node_without_type(registry):
    problems = check_text("nodes:\n  a: {title: x}\n  b: {type: 3}\n", registry).problems
    assert [(p.code, p.node) for p in problems] == [
        ("missing-key", None),
        ("missing-key", "a"),
        ("wrong-type", "b"),
    ]


def test_a_pipeline_without_nodes(registry):
    assert [p.code for p in check_text("name: x\n", registry).problems] == ["no-nodes"]


@pytest.mark.parametrize(
    ("cron", "fine"),
    [("0 2 * * 1", True), ("*/15 9-17 * jan-mar mon,WED", True), ("0 0 29 2 *", True), ("@daily", True),
     ("0 0 * * 7", True),
     ("0 2 31 2 *", False), ("0 2 31 4,6,9,11 *", False), ("60 * * * *", False), ("* * * *", False),
     ("a b c d e", False),
     ("0 2 31 2 1", True), ("*/0 * * * *", False), ("5-1 * * * *", False), ("", False), ("0 0 ٣ * *", False)],
)  # fmt: skip
def test_schedules(registry, training, cron, fine):
    text = training + f'schedules:\n  - {{cron: "{cron}"}}\n'
    assert [p.code for p in check_text(text, registry).problems] == ([] if fine else ["bad-schedule"])


def test_a_pipeline_that_was_made_by_hand_has_no_lines(registry):
    pipeline = Pipeline(name="x", nodes={"a": Node(type="nope.nope")})
    (problem,) = validate(pipeline, registry)
    assert problem.line is None


def test_every_code_in_the_source_is_in_the_table():
    import re
    from pathlib import Path

    import nodegraph

    source = "".join(p.read_text(encoding="utf-8") for p in Path(nodegraph.__file__).parent.rglob("*.py"))
    used = set(
        re.findall(r'(?:code=|report\.add\(\s*|_wrong\(\s*|_stop\(\s*|return )"([a-z]+(?:-[a-z]+)+)"', source)
    )
    assert used <= CODES.keys()
    assert len(used) > 20


def test_10_000_nodes_validate(registry):
    chain = "".join(
        f"  n{i}:\n    type: preprocess.clean\n    params: {{min_chars: {i % 7}}}\n"
        f"    inputs: {{dataset: n{i - 1}.dataset}}\n"
        for i in range(1, 10_000)
    )
    text = "name: x\nnodes:\n  n0: {type: preprocess.load, params: {source: a}}\n" + chain
    checked = check_text(text, registry)
    assert checked.problems == []
    assert len(checked.pipeline.nodes) == 10_000


@pytest.mark.parametrize("key", ["sk-proj-abc123", "Bearer abc", "a key"])
def test_a_key_in_place_of_a_secrets_name_is_refused_and_not_repeated(registry, key):
    text = f"nodegraph: 1\nname: a\nnodes:\n  ask: {{type: judge.rubric, params: {{api_key: {key}}}}}\n"
    (problem,) = [p for p in check_text(text, registry).problems if p.param == "api_key"]
    assert "is not the name of a secret" in problem.message
    assert key not in problem.model_dump_json()
