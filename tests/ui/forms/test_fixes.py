"""What a field offers to do about a problem."""

from __future__ import annotations

import pytest

from nodegraph.problems import Problem
from nodegraph.registry import Registry
from ui.forms.fixes import better_value
from ui.forms.plan import plan_of
from ui.kit.fields import UNSET

PLANS = {
    plan.name: plan for plan in plan_of(Registry.scan().types["train.sft"].node.params.model_json_schema())
}


@pytest.mark.parametrize(
    ("name", "value", "better"),
    [("lora_rank", 100_000, 4096), ("lora_rank", 0, 1), ("lora_rank", "64", 64), ("lora_rank", 3.7, 4),
     ("lora_rank", "many", UNSET), ("learning_rate", 5, 1), ("learning_rate", "1e-4", 0.0001),
     ("method", "LoRA", "lora"), ("method", "nonsense", UNSET), ("system_prompt", 3, UNSET)],
)  # fmt: skip
def test_a_fix_is_within_what_is_allowed(name, value, better):
    problem = Problem(code="bad-param", message="It is wrong.", param=name)
    assert better_value(problem, PLANS[name], value) == better


def test_what_was_probably_meant_is_offered():
    problem = Problem(code="bad-param", message="method must be one of …", hint="Did you mean qlora?")
    assert better_value(problem, PLANS["method"], "qlroa") == "qlora"


def test_other_problems_have_no_fix():
    assert better_value(Problem(code="unknown-source", message=""), PLANS["base_model"], "x") is UNSET
