from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nodegraph import NodeFailure
from nodes.common.models import read_card
from nodes.train.sft import NODE, Params, estimate
from tests.nodes.train.conftest import QUICK
from tests.nodes.train.weights import changed, load, same, weights
from tests.support import NodeResult, run_node

Inputs = dict[str, Path | list[Path]]


@pytest.fixture(scope="module")
def inputs(base: Path, rows: Path) -> Inputs:
    return {"model": base, "dataset": rows}


@pytest.mark.parametrize("method", ["lora", "qlora", "dora"])
def test_the_output_is_an_adapter_that_names_its_base(
    inputs: Inputs, base: Path, tmp_path: Path, method: str
) -> None:
    before = (base / "model.safetensors").read_bytes()
    result = run_node("train.sft", tmp_path, inputs, method=method, lora_rank=4, max_steps=4, **QUICK)
    out = result.outputs["model"]
    assert NODE.output_ports(Params(method=method))["model"].kind == "adapter"  # type: ignore[arg-type]
    card = read_card(out)
    assert (
        card["kind"] == "adapter"
        and card["base"] == {"digest": base.name}
        and card["requires"] == [base.name]
    )
    assert not (out / "config.json").exists() and (out / "tokenizer.json").exists()
    assert str(base) not in (out / "adapter_config.json").read_text()
    assert (base / "model.safetensors").read_bytes() == before
    tensors = weights(out)
    assert all("lora" in name for name in tensors)
    assert any("magnitude" in name for name in tensors) == (method == "dora")
    assert all(tensor.abs().sum() > 0 for name, tensor in tensors.items() if "lora_B" in name)
    assert result.metric("trainable_parameters") == card["parameters"]


def test_an_adapter_works_on_its_base(adapter: NodeResult, base: Path) -> None:
    import torch
    from peft import PeftModel

    model, tokenizer = load(base)
    ids = tokenizer("my invoice", return_tensors="pt")
    before = model(**ids).logits
    after = PeftModel.from_pretrained(model, adapter.outputs["model"])(**ids).logits
    assert not torch.allclose(before, after)


@pytest.mark.parametrize("method", ["lora", "qlora"])
def test_an_adapter_is_trained_further(
    adapter: NodeResult, base: Path, rows: Path, tmp_path: Path, method: str
) -> None:
    given: Inputs = {"model": adapter.outputs["model"], "dataset": rows}
    related = {base.name: base}
    settings = QUICK | {"method": method, "lora_rank": 64, "max_steps": 2}
    result = run_node("train.sft", tmp_path, given, related=related, **settings)
    out = result.outputs["model"]
    assert changed(adapter.outputs["model"], out)
    assert json.loads((out / "adapter_config.json").read_text())["r"] == 4
    assert read_card(out)["base"] == read_card(adapter.outputs["model"])["base"]
    assert read_card(out)["requires"] == [base.name]


def test_full_training_on_an_adapter_merges_it(
    adapter: NodeResult, base: Path, rows: Path, tmp_path: Path
) -> None:
    given: Inputs = {"model": adapter.outputs["model"], "dataset": rows}
    settings = QUICK | {"max_steps": 1, "learning_rate": 1e-12}
    result = run_node("train.sft", tmp_path, given, related={base.name: base}, **settings)
    different = changed(base, result.outputs["model"])
    assert any("q_proj.weight" in name for name in different)
    assert read_card(result.outputs["model"])["kind"] == "model"


def test_freeze_changes_only_the_last_layers(inputs: Inputs, base: Path, tmp_path: Path) -> None:
    result = run_node("train.sft", tmp_path, inputs, method="freeze", freeze_layers=1, max_steps=2, **QUICK)
    different = changed(base, result.outputs["model"])
    assert different and all(name.startswith("model.layers.1.") for name in different)


def test_freeze_can_name_modules(inputs: Inputs, base: Path, tmp_path: Path) -> None:
    settings = QUICK | {
        "method": "freeze", "freeze_layers": 2, "freeze_modules": ["mlp"], "freeze_extra_modules": ["norm"],
        "max_steps": 2, "gradient_checkpointing": "on",
    }  # fmt: skip
    result = run_node("train.sft", tmp_path, inputs, **settings)
    different = changed(base, result.outputs["model"])
    assert all(".mlp." in name or name == "model.norm.weight" for name in different)
    assert {name.split(".")[2] for name in different if ".mlp." in name} == {"0", "1"}
    with pytest.raises(NodeFailure, match="The model has no module banana") as failure:
        run_node("train.sft", tmp_path, inputs, method="freeze", freeze_extra_modules=["banana"], **QUICK)
    assert "embed_tokens" in failure.value.hint


def test_chosen_modules_carry_the_adapter(inputs: Inputs, tmp_path: Path) -> None:
    settings = QUICK | {
        "method": "lora", "target_modules": ["q_proj", "v_proj"], "modules_to_save": ["norm"], "max_steps": 1,
        "use_rslora": True, "lora_init": "gaussian", "gradient_checkpointing": "on",
    }  # fmt: skip
    names = weights(run_node("train.sft", tmp_path, inputs, **settings).outputs["model"])
    assert {name.split(".")[-3] for name in names if "lora" in name} == {"q_proj", "v_proj"}
    assert any(name.endswith("model.norm.weight") for name in names)
    with pytest.raises(NodeFailure, match="does not fit the model") as failure:
        run_node("train.sft", tmp_path, inputs, method="lora", target_modules=["banana"], **QUICK)
    assert "q_proj" in failure.value.hint


@pytest.mark.parametrize(
    "optimizer", ["adamw_8bit", "adafactor", "sgd", "lion", "rmsprop", "adagrad", "paged_adamw"]
)
def test_every_optimiser_trains(inputs: Inputs, base: Path, tmp_path: Path, optimizer: str) -> None:
    result = run_node("train.sft", tmp_path, inputs, optimizer=optimizer, max_steps=1, **QUICK)
    assert not same(base, result.outputs["model"])


@pytest.mark.parametrize(
    "settings",
    [
        {"scheduler": name, "warmup": 2.0}
        for name in ("linear", "cosine", "cosine_with_restarts", "constant_with_warmup", "inverse_sqrt")
    ]
    + [
        {"scheduler": name, "min_learning_rate": 1e-4, "warmup": 0.2}
        for name in ("cosine_with_min_lr", "polynomial", "warmup_stable_decay")
    ],
    ids=lambda settings: str(settings["scheduler"]),
)
def test_every_schedule_runs(inputs: Inputs, tmp_path: Path, settings: dict[str, Any]) -> None:
    result = run_node("train.sft", tmp_path, inputs, max_steps=4, **QUICK | {"logging_steps": 1} | settings)
    rates = [e.value for e in result.events if e.event == "metric" and e.name == "learning_rate"]
    assert (rates[0] or 0) < 1e-3 and max(rate or 0 for rate in rates) > 1e-3


@pytest.mark.parametrize("method", ["full", "freeze", "lora", "dora"])
def test_the_estimate_agrees_with_the_run(inputs: Inputs, base: Path, tmp_path: Path, method: str) -> None:
    settings: dict[str, Any] = QUICK | {"method": method, "lora_rank": 4, "freeze_layers": 1, "max_steps": 1}
    guess = estimate(Params(**settings), base)
    result = run_node("train.sft", tmp_path, inputs, **settings)
    assert guess["parameters"] == result.metric("parameters")
    assert guess["trainable"] == result.metric("trainable_parameters")
    assert 0 < guess["memory_gb"] < 2
    assert estimate(Params(base_model="Qwen/Qwen2.5-0.5B"))["parameters"] is None
