"""The plan of a run: order, selection, bypass, and cache keys that say what changed."""

from __future__ import annotations

import pytest

from nodegraph.bypass import Source
from nodegraph.format import load
from nodegraph.local_files import file_params
from nodegraph.plan import Plan, cache_key, canonical_params, explain


def plan_of(text: str, registry, **selection) -> Plan:
    return Plan.of(load(text).pipeline, registry, **selection)


def key_of(step, **changed):
    given = {"code": "c0", "inputs": {"dataset": ["d0"]}, "environment": "e0", "files": {}}
    return cache_key(step, **{**given, **changed})


def test_every_node_in_order_with_its_sources(registry, training):
    plan = plan_of(training, registry)
    assert plan.order == ["raw", "clean", "train", "score"]
    score = plan.steps["score"]
    assert score.sources == {"model": [Source("train", "model")], "dataset": [Source("clean", "dataset")]}
    assert score.waits_for == ["train", "clean"]
    assert plan.steps["train"].params.epochs == 3
    assert plan.skipped == {}


def test_until_and_from(registry, training):
    side = training + "  side: {type: preprocess.load, params: {source: b}}\n"
    assert plan_of(side, registry, until="train").order == ["raw", "clean", "train"]
    plan = plan_of(side, registry, from_="train")
    assert plan.order == ["raw", "clean", "train", "score"]
    assert [name for name, step in plan.steps.items() if step.fresh] == ["train", "score"]
    both = plan_of(side, registry, from_="clean", until="train")
    assert [name for name, step in both.steps.items() if step.fresh] == ["clean", "train"]
    with pytest.raises(KeyError):
        plan_of(side, registry, until="nowhere")


def test_a_disabled_node_is_bypassed(registry, training):
    plan = plan_of(training.replace("params: {min_chars: 2}", "enabled: false"), registry)
    assert plan.order == ["raw", "train", "score"]
    assert plan.steps["train"].sources["dataset"] == [Source("raw", "dataset")]
    assert plan.skipped == {"clean": "it is disabled"}


def test_a_bypass_leads_through_several_disabled_nodes(registry, training):
    text = training.replace("params: {min_chars: 2}", "enabled: false").replace(
        "  train:\n",
        "  again: {type: preprocess.clean, inputs: {dataset: clean.dataset}, enabled: false}\n  train:\n"
    )  # fmt: skip
    text = text.replace(
        "inputs: {dataset: clean.dataset}\n  score", "inputs: {dataset: again.dataset}\n  score"
    )
    assert plan_of(text, registry).steps["train"].sources["dataset"] == [Source("raw", "dataset")]


def test_what_nothing_stands_in_for_is_skipped_with_the_reason(registry, training):
    plan = plan_of(training.replace("type: train.sft", "type: train.sft\n    enabled: false"), registry)
    assert plan.order == ["raw", "clean"]
    assert plan.skipped["score"] == "its input model comes from a node that is disabled or skipped"


def test_an_optional_input_and_one_of_many_are_simply_left_out(registry):
    text = (
        "name: x\nnodes:\n  a: {type: preprocess.load, params: {source: a}}\n"
        "  b: {type: preprocess.load, params: {source: b}, enabled: false}\n"
        "  mix: {type: augment.mix, inputs: {datasets: [b.dataset, a.dataset]}}\n"
        "  sft: {type: train.sft, inputs: {dataset: mix.dataset, validation: b.dataset}}\n"
    )
    plan = plan_of(text, registry)
    assert plan.order == ["a", "mix", "sft"]
    assert plan.steps["mix"].sources == {"datasets": [Source("a", "dataset")]}
    assert "validation" not in plan.steps["sft"].sources


def test_a_node_waits_for_the_nodes_its_condition_reads(registry, training):
    text = (
        training
        + "  extra:\n    type: preprocess.load\n    params: {source: b}\n    when: score.metrics.f1 > 0.5\n"
    )
    plan = plan_of(text, registry)
    assert plan.steps["extra"].waits_for == ["score"]
    assert plan_of(text, registry, until="extra").order == ["raw", "clean", "train", "score", "extra"]


def test_ports_depend_on_the_parameters(registry, training):
    lora = training.replace("type: train.sft", "type: train.sft\n    params: {method: lora}")
    assert plan_of(training, registry).steps["train"].outputs["model"].kind == "model"
    assert plan_of(lora, registry).steps["train"].outputs["model"].kind == "adapter"


def test_a_cache_key_does_not_care_how_the_file_was_written(registry, training):
    written_out = training.replace(
        "params: {min_chars: 2}", "params: {keep_case: true, min_chars: 2, dedup: exact}"
    )
    one, other = (plan_of(text, registry).steps["clean"] for text in (training, written_out))
    assert key_of(one) == key_of(other)
    assert len(key_of(one).key) == 64


def test_a_whole_number_and_a_float_are_one_value(registry, training):
    texts = [
        training.replace("type: train.sft", f"type: train.sft\n    params: {{learning_rate: {n}}}")
        for n in ("1", "1.0")
    ]
    one, other = (plan_of(text, registry).steps["train"] for text in texts)
    assert key_of(one).key == key_of(other).key


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"code": "c1"}, ["code of the node type"]),
        ({"environment": "e1"}, ["environment"]),
        ({"inputs": {"dataset": ["d1"]}}, ["input dataset"]),
        ({"inputs": {"dataset": ["d0", "d1"]}}, ["input dataset"]),
        ({"inputs": {"dataset": ["d0"], "validation": ["d2"]}}, ["input validation"]),
        ({"files": {"base_model": "f"}}, ["content of base_model"]),
    ],
)
def test_a_miss_says_what_changed(registry, training, changed, reason):
    step = plan_of(training, registry).steps["train"]
    old, new = key_of(step), key_of(step, **changed)
    assert old.key != new.key
    assert explain(old.components, new.components) == reason


def test_a_miss_names_the_parameters(registry, training):
    other = training.replace(
        "type: train.sft", "type: train.sft\n    params: {learning_rate: 0.5, epochs: 9}"
    )
    old, new = (key_of(plan_of(text, registry).steps["train"]) for text in (training, other))
    assert explain(old.components, new.components) == ["epochs", "learning_rate"]


def test_the_order_of_inputs_counts(registry):
    text = (
        "name: x\nnodes:\n  a: {type: preprocess.load, params: {source: a}}\n"
        "  mix: {type: augment.mix, inputs: {datasets: [a.dataset]}}\n"
    )
    step = plan_of(text, registry).steps["mix"]
    assert (
        key_of(step, inputs={"datasets": ["1", "2"]}).key != key_of(step, inputs={"datasets": ["2", "1"]}).key
    )


def test_secrets_count_by_name_only(registry, training):
    lines = [
        f"  ask: {{type: judge.rubric, params: {{api_key: {key}}}}}\n" for key in ("KEY", '"${secrets.KEY}"')
    ]
    one, other = (plan_of(training + line, registry).steps["ask"] for line in lines)
    assert canonical_params(one.params)["api_key"] == canonical_params(other.params)["api_key"] == "KEY"


def test_parameters_that_may_name_files(registry, training):
    steps = plan_of(training, registry).steps
    assert file_params(steps["raw"].params) == {"source": "rows.jsonl"}
    assert file_params(steps["train"].params) == {}
