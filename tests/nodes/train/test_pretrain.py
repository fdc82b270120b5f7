from __future__ import annotations

import json
from pathlib import Path

import pytest

from nodegraph import NodeFailure
from nodes.common.metrics import read_indicators
from nodes.common.models import read_card
from tests.nodes.train.conftest import QUICK
from tests.nodes.train.weights import changed, load, weights
from tests.support import NodeResult, dataset, run_node


@pytest.fixture(scope="module")
def trained(base: Path, rows: Path, tmp_path_factory: pytest.TempPathFactory) -> NodeResult:
    inputs: dict[str, Path | list[Path]] = {"model": base, "dataset": rows, "validation": rows}
    settings = QUICK | {"max_length": 32, "batch_size": 4}
    return run_node("train.pretrain", tmp_path_factory.mktemp("pretrain"), inputs, epochs=12, **settings)


def test_the_loss_falls_and_the_curve_is_kept(base: Path, trained: NodeResult) -> None:
    history = [
        json.loads(line) for line in (trained.outputs["metrics"] / "history.jsonl").read_text().splitlines()
    ]
    losses = [entry["loss"] for entry in history if "loss" in entry]
    assert losses[-1] < losses[0] - 1
    assert {"step", "epoch", "learning_rate", "grad_norm", "tokens", "tokens_per_second", "memory_gb"} <= set(
        history[0]
    )
    assert changed(base, trained.outputs["model"])


def test_the_summary_says_what_was_done(trained: NodeResult) -> None:
    training = read_indicators(trained.outputs["metrics"])["training"]
    assert training["steps"] == 12 * -(-training["rows"] // 4)
    assert training["tokens"] == 12 * training["rows"] * 32
    assert training["parameters"] == training["trainable_parameters"]
    assert training["eval_loss"] < 4 and training["seconds"] > 0 and training["peak_memory_gb"] > 0
    assert trained.metric("train_loss") == training["train_loss"]


def test_live_numbers_and_progress_arrive(trained: NodeResult) -> None:
    live = {event.name for event in trained.events if event.event == "metric" and event.step is not None}
    assert {
        "loss",
        "eval_loss",
        "learning_rate",
        "grad_norm",
        "tokens_per_second",
        "memory_gb",
        "epoch",
    } <= live
    progress = [event for event in trained.events if event.event == "progress"]
    assert progress[-1].unit == "steps" and progress[-1].done == progress[-1].total


def test_the_model_is_complete_and_speaks(trained: NodeResult) -> None:
    card = read_card(trained.outputs["model"])
    assert (card["kind"], card["architecture"], card["requires"]) == ("model", "qwen2", [])
    model, tokenizer = load(trained.outputs["model"])
    assert model.config.use_cache and tokenizer.chat_template
    inputs = tokenizer("my invoice", return_tensors="pt")
    assert model.generate(**inputs, max_new_tokens=3).shape[1] > inputs["input_ids"].shape[1]


@pytest.mark.parametrize("packing", [True, False])
def test_conversations_are_text_too(base: Path, chats: Path, tmp_path: Path, packing: bool) -> None:
    inputs: dict[str, Path | list[Path]] = {"model": base, "dataset": chats}
    result = run_node("train.pretrain", tmp_path, inputs, max_steps=2, packing=packing, **QUICK)
    assert result.metric("steps") == 2


def test_part_of_the_dataset_is_held_back(base: Path, rows: Path, tmp_path: Path) -> None:
    inputs: dict[str, Path | list[Path]] = {"model": base, "dataset": rows}
    settings = QUICK | {"max_length": 16}
    result = run_node("train.pretrain", tmp_path, inputs, max_steps=2, validation_share=0.2, **settings)
    assert result.metric("eval_loss") is not None


def test_the_length_is_never_more_than_the_model_can_take(base: Path, rows: Path, tmp_path: Path) -> None:
    inputs: dict[str, Path | list[Path]] = {"model": base, "dataset": rows}
    result = run_node("train.pretrain", tmp_path, inputs, max_steps=1, **QUICK | {"max_length": 4096})
    assert any(event.event == "log" and "96 is used" in event.message for event in result.events)


def test_an_adapter_is_merged_first(adapter: NodeResult, base: Path, rows: Path, tmp_path: Path) -> None:
    inputs: dict[str, Path | list[Path]] = {"model": adapter.outputs["model"], "dataset": rows}
    result = run_node("train.pretrain", tmp_path, inputs, related={"model": base}, max_steps=1, **QUICK)
    assert weights(result.outputs["model"]).keys() == weights(base).keys()


def test_a_model_saved_in_half_precision_stays_so(rows: Path, base: Path, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16)
    model.save_pretrained(tmp_path / "half")
    AutoTokenizer.from_pretrained(base).save_pretrained(tmp_path / "half")
    inputs: dict[str, Path | list[Path]] = {"model": tmp_path / "half", "dataset": rows}
    result = run_node("train.pretrain", tmp_path, inputs, max_steps=1, **QUICK)
    assert {tensor.dtype for tensor in weights(result.outputs["model"]).values()} == {torch.bfloat16}


@pytest.mark.parametrize(
    ("base_model", "said"),
    [
        ("", "There is no model to train"),
        ("/no/such/folder", "does not exist"),
        ("hub.invalid/name/too/deep", "does not exist"),
    ],
)
def test_a_missing_model_is_explained(rows: Path, tmp_path: Path, base_model: str, said: str) -> None:
    with pytest.raises(NodeFailure, match=said) as failure:
        run_node("train.pretrain", tmp_path, {"dataset": rows}, base_model=base_model)
    assert failure.value.category == "input" and failure.value.hint


def test_broken_models_are_explained(base: Path, rows: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(base, tmp_path / "cut")
    content = (base / "model.safetensors").read_bytes()
    (tmp_path / "cut" / "model.safetensors").write_bytes(content[:500])
    with pytest.raises(NodeFailure, match="The model cut cannot be loaded"):
        run_node("train.pretrain", tmp_path, {"model": tmp_path / "cut", "dataset": rows}, **QUICK)
    shutil.copytree(base, tmp_path / "foreign")
    config = json.loads((base / "config.json").read_text())
    code = {"AutoConfig": "own.Config", "AutoModelForCausalLM": "own.Model"}
    config |= {"model_type": "own", "auto_map": code}
    (tmp_path / "foreign" / "config.json").write_text(json.dumps(config))
    with pytest.raises(NodeFailure, match="brings its own code"):
        run_node("train.pretrain", tmp_path, {"model": tmp_path / "foreign", "dataset": rows}, **QUICK)


def test_prompts_alone_are_refused(base: Path, tmp_path: Path) -> None:
    prompts = dataset(tmp_path / "prompts", [{"prompt": "what?"}])
    with pytest.raises(NodeFailure, match="Row 1 has a prompt but no completion"):
        run_node("train.pretrain", tmp_path, {"model": base, "dataset": prompts}, **QUICK)
