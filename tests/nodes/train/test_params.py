from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from nodegraph import NodeParams
from nodegraph.registry import Registry
from nodes.train import init, pretrain, sft


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"learning_rate": 1e-4, "min_learning_rate": 1e-3}, "must be below learning_rate"),
        ({"early_stopping": 2, "eval_every": "never"}, "early_stopping needs evaluations"),
        ({"epochs": 0}, "greater than 0"),
        ({"batch_size": 1.5}, "valid integer"),
        ({"learning_rat": 1e-3}, "Extra inputs are not permitted"),
        ({"method": "freeze", "freeze_layers": 0}, "freeze trains nothing"),
        ({"method": "lora", "target_modules": ["lm_head"]}, "lm_head cannot carry an adapter"),
        ({"method": "lora", "new_tokens": ["<x>"]}, "use method full"),
        ({"method": "freeze", "new_tokens": ["<x>"]}, "add embed_tokens to freeze_extra_modules"),
        ({"chat_template": "custom"}, "needs a template in chat_template_text"),
        ({"prompt_format": "plain", "system_prompt": "x"}, "no place in plain prompts"),
    ],
)
def test_what_cannot_be_is_explained(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        sft.Params.model_validate(settings)


@pytest.mark.parametrize("params", [init.Params, pretrain.Params, sft.Params])
def test_every_field_has_a_title_and_a_place(params: type[NodeParams]) -> None:
    schema = params.model_json_schema()["properties"]
    assert all(field.get("title") and field.get("group") for field in schema.values())
    for field in schema.values():
        for other, values in field.get("shown", {}).items():
            assert set(values) <= set(schema[other]["enum"])


def test_the_registry_finds_the_three_types() -> None:
    registry = Registry.scan()
    assert {"train.init", "train.pretrain", "train.sft"} <= set(registry.types)
