"""`when` compares upstream metrics, and says why it holds or not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.conditions import ConditionError, evaluate, nodes_read, parse
from nodegraph.validation import check_text

METRICS = {
    "gate": {
        "metrics": {
            "accuracy_f1": {"f1": 0.8, "precision": 0.7, "samples": 100},
            "per_class": {"f1": 0.6, "label": "sales"},
            "broken": {"value": None},
        }
    }
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("gate.metrics.precision >= 0.7", True),
        ("gate.metrics.precision > 0.7", False),
        ("gate.metrics.precision < 7e-1", False),
        ("gate.metrics.precision<=.7", True),
        ("gate.metrics.samples == 100", True),
        ("gate.metrics.samples != 100", False),
        ("gate.metrics.accuracy_f1.f1 > 0.75", True),
        ("gate.metrics.per_class.f1 > 0.75", False),
        ("gate.metrics.label == 'sales'", True),
        ('gate.metrics.label != "sales"', False),
        ("gate.metrics.precision > 0.9 or gate.metrics.samples > 10", True),
        ("gate.metrics.precision > 0.9 or gate.metrics.samples > 10 and gate.metrics.samples > 1000", False),
        ("gate.metrics.precision > 0.1 and gate.metrics.samples > 10", True),
        ("gate.metrics.precision > -1", True),
    ],
)
def test_comparisons(text, holds):
    assert bool(evaluate(text, METRICS)) is holds


@pytest.mark.parametrize(
    ("text", "explanation"),
    [
        ("gate.metrics.precision >= 0.75", "precision is 0.7, not gate.metrics.precision >= 0.75"),
        ("gate.metrics.recall > 0", "gate.metrics.recall has no value"),
        ("gate.metrics.value > 0", "gate.metrics.value has no value"),
        ("ghost.metrics.value > 0", "ghost.metrics.value has no value"),
        ("gate.metrics.label > 0", "which cannot be compared"),
        ("gate.metrics.f1 > 0.5", "name one of gate.metrics.accuracy_f1.f1, gate.metrics.per_class.f1"),
    ],
)  # fmt: skip
def test_a_condition_that_does_not_hold_says_why(text, explanation):
    verdict = evaluate(text, METRICS)
    assert not verdict
    assert explanation in verdict.explanation


@pytest.mark.parametrize(
    "text",
    ["", "gate", "gate.metrics.f1", "gate.metrics.f1 >=", "0.5 > gate.metrics.f1", "gate.f1 > 1",
     "a.b.c.d.e > 1",
     "a.b.c > 1 and", "a.b.c > 1 a.b.c < 2", "a.b.c > 1 xor a.b.c < 2", "a.b.c = 1", "a.b.c > open('x')",
     "a.b.c > 1 or or",
     "__import__('os').system('true')", "a.b.c > 0x10", "a.b.c > 1_000", "a.b.c > 'x", "(a.b.c > 1)",
     "not a.b.c > 1",
     "a.b.c > 1" + " and a.b.c > 1" * 500],
)  # fmt: skip
def test_what_is_no_comparison_is_refused_with_a_reason(text):
    with pytest.raises(ConditionError) as caught:
        parse(text)
    assert str(caught.value)


@given(st.text())
def test_parsing_raises_nothing_else(text):
    try:
        parse(text)
    except ConditionError:
        assert nodes_read(text) == []


def test_the_nodes_a_condition_reads():
    assert nodes_read("b.m.x > 1 or a-1.m.i.x == 'z' and b.m.y < 2") == ["b", "a-1"]


@pytest.mark.parametrize(
    ("condition", "message", "hint"),
    [
        ("scoer.metrics.f1 > 0.5", "there is no node scoer", "Did you mean score?"),
        ("score.metricz.f1 > 0.5", "score has no output metricz", "Did you mean metrics?"),
        ("score.samples.f1 > 0.5", "the output samples is dataset, not metrics", "Known: metrics."),
        ("score.metrics.f1", "< <= > >= == !=", ""),
    ],
)
def test_a_wrong_condition_is_a_problem_with_its_line(registry, training, condition, message, hint):
    text = (
        training
        + f'  gated:\n    type: preprocess.load\n    params: {{source: x}}\n    when: "{condition}"\n'
    )
    (problem,) = check_text(text, registry).problems
    assert (problem.code, problem.node, problem.line) == ("bad-condition", "gated", 20)
    assert message in problem.message and hint in problem.hint


def test_a_condition_on_what_comes_later_is_a_cycle(registry, training):
    text = training.replace(
        "type: preprocess.clean", "type: preprocess.clean\n    when: score.metrics.f1 > 0"
    )
    assert [problem.code for problem in check_text(text, registry).problems] == ["cycle"]
