"""Loading then saving gives the same text; saving then loading gives the same pipeline."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nodegraph.contract import Resources
from nodegraph.format import dump, load
from nodegraph.pipeline import Node, Notify, Parameter, Pipeline, Retry, Schedule

NASTY = [
    "", " ", "~", "null", "true", "no", "on", "y", "Yes", "12", "1.5", "1e3", "1_000", "0x1F", "0o17", "017",
    ".5",
    "5.", "+1", "-1", ".inf", ".nan", "-.INF", "12:30:45", "2026-11-01", "2026-11-01T10:00:00Z", "=", "<<",
    "-", "- a",
    "?", "? a", ":", "a:", "a: b", "a :b", "a #b", "#a", "a#b", "*a", "&a", "!a", "!!str a", "|", ">", "%a",
    "@a", "`a",
    "'a'", '"a"', "it's", "{a}", "[a]", "a, b", "a,b", "a]", "a}", "---", "...", "--- a", " a", "a ", "\ta",
    "a\t", "a\n",
    "\na", "a\nb", "a\n\nb\n", "a\n\n\n", "  a\nb", "a\n  b", "a \nb", "a\r\nb", "a\rb", "\x07", "\x1b[31m",
    "\x7f", "\x85",
    "\u2028", "\u2029", "\ufeff", "\ufffd", "\uffff", "\xa0", "\u200b", "\u202e", "你好，世界", "a：b", "😀",
    "👨‍👩‍👧", "ｆｕｌｌ",
    "é", "e\u0301", "مرحبا", "\U0010ffff", "a\\b", "\\n", "C:\\x", "http://a.b:80/c?d=e&f#g",
    "${parameters.x}",
    "${secrets.X}", "0 2 * * 1", "gate.metrics.f1 >= 0.75", "a" * 300, "词 " * 200, "# a\n# b", "|\n",
    "key: |\n  x", "٣", "²",
]  # fmt: skip

texts = st.one_of(
    st.sampled_from(NASTY), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
)
ids = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,12}", fullmatch=True)
numbers = st.one_of(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False))
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
durations = st.sampled_from(["0s", "30s", "1.5h", "250ms", "6h", "2d"])
retries = st.builds(Retry, attempts=st.integers(1, 20), delay=durations)


@st.composite
def resources(draw: st.DrawFn) -> Resources:
    fields = {
        "cpu": st.one_of(st.integers(1, 1024), st.floats(0.1, 1024)),
        "memory_gb": st.floats(0.1, 65536),
        "disk_gb": st.floats(0.1, 1_000_000),
        "gpu": st.integers(0, 64),
        "gpu_kind": texts,
        "network": st.booleans(),
    }
    chosen = draw(st.sets(st.sampled_from(sorted(fields))))
    return Resources(**{name: draw(fields[name]) for name in chosen})


nodes = st.builds(
    Node,
    type=texts,
    title=texts,
    params=st.dictionaries(texts, values, max_size=5),
    inputs=st.dictionaries(texts, texts | st.lists(texts, max_size=3), max_size=3),
    resources=st.none() | resources(),
    retry=st.none() | retries,
    timeout=st.none() | durations,
    when=st.none() | texts,
    enabled=st.booleans(),
)
parameters = st.builds(
    Parameter,
    kind=st.sampled_from(["string", "number", "choice", "secret"]),
    default=values,
    title=texts,
    help=texts,
    min=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    choices=st.none() | st.lists(st.one_of(texts, st.booleans(), numbers), max_size=4),
)
schedules = st.builds(Schedule, cron=texts, timezone=texts, catch_up=st.sampled_from(["none", "all"]))
notifications = st.builds(
    Notify, on=st.lists(st.sampled_from(["succeeded", "failed"]), max_size=2), email=st.none() | texts
)
pipelines = st.builds(
    Pipeline,
    name=st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True),
    title=texts,
    description=texts,
    tags=st.lists(texts, max_size=3),
    parameters=st.dictionaries(ids, parameters, max_size=2),
    nodes=st.dictionaries(ids, nodes, max_size=3),
    schedules=st.lists(schedules, max_size=2),
    notify=st.lists(notifications, max_size=2),
    layout=st.dictionaries(texts, values, max_size=3),
)


def same(one: Any, other: Any) -> bool:
    """Equal, and of the same types all the way down: 1, 1.0 and true are three things."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return repr(one) == repr(other)


@settings(max_examples=300, deadline=None)
@given(pipelines)
def test_saving_then_loading_gives_the_same_pipeline(pipeline):
    text = dump(pipeline)
    loaded = load(text)
    assert loaded.problems == []
    assert loaded.pipeline == pipeline
    assert same(loaded.pipeline.model_dump(), pipeline.model_dump())


@settings(max_examples=150, deadline=None)
@given(pipelines)
def test_loading_then_saving_gives_the_same_text(pipeline):
    text = dump(pipeline)
    assert dump(load(text).pipeline) == text
    assert dump(load(text.encode()).pipeline, original=text) == text


@settings(max_examples=150, deadline=None)
@given(pipelines, pipelines)
def test_saving_a_change_keeps_to_the_change(before, after):
    """Whatever the text it was loaded from, what is saved is what was meant."""
    assert load(dump(after, original=dump(before))).pipeline == after


@pytest.mark.parametrize("text", NASTY)
def test_a_nasty_text_survives_at_every_place(text):
    params = {
        "plain": text,
        text: "key",
        "list": [text, 1],
        "map": {"a": text},
        "deep": [{"a": text}, [text]],
    }
    pipeline = Pipeline(
        name="x", title=text, description=text, tags=[text], nodes={"a": Node(type="t.t", params=params)}
    )
    assert load(dump(pipeline)).pipeline == pipeline


@given(st.one_of(texts, numbers))
@example("no")
@example("12:30:45")
@settings(max_examples=300, deadline=None)
def test_other_programs_read_the_same_values(value):
    """PyYAML's YAML 1.1 reader sees no booleans, dates or sexagesimal numbers where we write text."""
    written = dump(Pipeline(name="x", layout={"a": [value]}))
    assert same(yaml.safe_load(written)["layout"]["a"], [value])


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="abc:- \n#{}[]'\"*&!|>?%@,\\0123.~\t${}"))
def test_load_never_raises(text):
    loaded = load("name: x\n" + text)
    assert (loaded.pipeline is None) == bool(loaded.problems)


CANONICAL = """\
nodegraph: 1
name: qwen-sft
title: 客服模型微调
description: Cleans, trains, and says how good it is.
tags: [training]
parameters:
  base_model: {kind: model, default: Qwen/Qwen2.5-0.5B-Instruct, title: Base model}
  learning_rate: {kind: number, default: 0.0001, min: 0}
nodes:
  prepare:
    type: preprocess.clean
    params: {min_chars: 2}
    inputs: {dataset: raw.dataset}
  train:
    type: train.sft
    title: 第一轮微调
    params: {base_model: "${parameters.base_model}", learning_rate: "${parameters.learning_rate}"}
    inputs: {dataset: prepare.dataset}
    resources: {memory_gb: 64, gpu: 4}
    retry: {attempts: 2, delay: 30s}
    timeout: 6h
    when: "gate.metrics.f1 >= 0.75"
  ask:
    type: custom.container
    params:
      command: [python, -c, print('你好')]
      prompt: |
        Answer in one word.
          Nothing else.
    inputs: {datasets: [prepare.dataset, raw.dataset]}
    enabled: false
schedules:
  - {cron: "0 2 * * 1", timezone: Asia/Shanghai}
notify:
  - {on: [failed, succeeded], email: team@example.com}
layout:
  prepare: [40, 80]
"""


def test_the_canonical_form_reads_like_the_documentation():
    assert dump(load(CANONICAL).pipeline) == CANONICAL


def test_the_same_pipeline_from_flow_or_block_has_one_canonical_text():
    spread = CANONICAL.replace("params: {min_chars: 2}", "params:\n      min_chars: 0x2")
    assert spread != CANONICAL
    assert dump(load(spread).pipeline) == CANONICAL


def test_what_a_person_overrides_with_the_default_stays_an_override():
    pipeline = load("name: x\nnodes:\n  a:\n    type: t.t\n    resources: {gpu: 0}\n").pipeline
    assert "resources: {gpu: 0}" in dump(pipeline)
