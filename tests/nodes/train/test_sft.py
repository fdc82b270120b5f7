from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from nodegraph import NodeFailure
from nodes.common.models import read_card
from nodes.train._failures import explained
from nodes.train.sft import Params
from tests.nodes.train.conftest import QUICK, TEAMS, messages
from tests.nodes.train.weights import answer, changed, load
from tests.support import NodeResult, dataset, run_node

LEARN: dict[str, Any] = QUICK | {"scheduler": "linear", "max_length": 96}


def history(result: NodeResult) -> list[dict[str, Any]]:
    lines = (result.outputs["metrics"] / "history.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_it_learns_which_team_answers(base: Path, rows: Path, tmp_path: Path) -> None:
    inputs: dict[str, Path | list[Path]] = {"model": base, "dataset": rows}
    result = run_node("train.sft", tmp_path, inputs, epochs=15, **LEARN)
    asked = {row["prompt"]: row["completion"].strip() for row in messages()[::9]}
    assert {prompt: answer(result.outputs["model"], prompt) for prompt in asked} == asked
    assert read_card(result.outputs["model"])["training"]["prompt_format"] == "auto"


def test_a_system_prompt_makes_prompts_conversations(base: Path, rows: Path, tmp_path: Path) -> None:
    inputs: dict[str, Path | list[Path]] = {"model": base, "dataset": rows}
    result = run_node("train.sft", tmp_path, inputs, epochs=15, system_prompt="Route.", **LEARN)
    _, tokenizer = load(result.outputs["model"])
    turns = [
        {"role": "system", "content": "Route."},
        {"role": "user", "content": messages()[0]["prompt"]},
    ]
    prompt = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    assert answer(result.outputs["model"], prompt) == TEAMS["invoice"]


def test_packed_rows_do_not_see_each_other(base: Path, rows: Path, tmp_path: Path) -> None:
    inputs: dict[str, Path | list[Path]] = {"model": base, "dataset": rows}
    settings = QUICK | {"max_steps": 1, "logging_steps": 1, "batch_size": 64, "max_length": 64}
    padded = run_node("train.sft", tmp_path, inputs, **settings)
    packed = run_node("train.sft", tmp_path, inputs, packing=True, **settings)
    assert packed.metric("train_loss") == pytest.approx(padded.metric("train_loss"), rel=1e-5)
    assert packed.metric("tokens") is not None


@pytest.mark.parametrize("method", ["full", "lora"])
def test_accumulated_batches_equal_one_large_batch(
    base: Path, rows: Path, tmp_path: Path, method: str
) -> None:
    inputs: dict[str, Path | list[Path]] = {"model": base, "dataset": rows}
    common = QUICK | {"max_steps": 3, "logging_steps": 1, "sampling": "sequential", "method": method}
    one = run_node("train.sft", tmp_path, inputs, **common | {"batch_size": 12})
    two = run_node("train.sft", tmp_path, inputs, **common | {"batch_size": 4, "gradient_accumulation": 3})
    for first, second in zip(history(one), history(two), strict=True):
        assert first["loss"] == pytest.approx(second["loss"], rel=1e-4)
        assert first["grad_norm"] == pytest.approx(second["grad_norm"], rel=1e-3)


def test_the_loss_is_that_of_trl(base: Path, rows: Path, tmp_path: Path) -> None:
    """Our loss on a CPU is the model's own; TRL's, in chunks, must be the same number."""
    from datasets import load_dataset
    from trl import SFTConfig, SFTTrainer

    inputs: dict[str, Path | list[Path]] = {"model": base, "dataset": rows}
    settings = QUICK | {"max_steps": 3, "logging_steps": 1, "sampling": "sequential", "warmup": 0}
    ours = [entry["loss"] for entry in history(run_node("train.sft", tmp_path, inputs, **settings))]
    model, tokenizer = load(base)
    args = SFTConfig(
        output_dir=str(tmp_path / "trl"), max_steps=3, per_device_train_batch_size=8, learning_rate=5e-3,
        lr_scheduler_type="constant", train_sampling_strategy="sequential", use_cpu=True, bf16=False,
        gradient_checkpointing=False, report_to="none", logging_steps=1, save_strategy="no", max_length=48,
    )  # fmt: skip
    data = load_dataset("json", data_files=str(rows / "data.jsonl"), cache_dir=str(tmp_path / "cache"))[
        "train"
    ]
    trainer = SFTTrainer(model, args=args, train_dataset=data, processing_class=tokenizer)
    trainer.train()
    theirs = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    assert ours == pytest.approx(theirs, rel=1e-4)


def test_the_best_model_is_kept_and_training_stops_early(base: Path, rows: Path, tmp_path: Path) -> None:
    wrong = [row | {"completion": " wrong"} for row in messages()]
    inputs: dict[str, Path | list[Path]] = {
        "model": base, "dataset": rows, "validation": dataset(tmp_path / "wrong", wrong)
    }  # fmt: skip
    settings = QUICK | {"max_steps": 200, "eval_every": "steps", "eval_steps": 4, "early_stopping": 3}
    result = run_node("train.sft", tmp_path, inputs, **settings)
    steps = result.metric("steps")
    assert steps is not None and steps < 100
    losses = {entry["step"]: entry["eval_loss"] for entry in history(result) if "eval_loss" in entry}
    best = min(losses, key=lambda step: losses[step])
    assert best == max(losses) - 12 and result.metric("eval_loss") == losses[best]
    # The saved model is the one of that step: evaluated again, it has that loss.
    again = run_node(
        "train.sft", tmp_path, inputs | {"model": result.outputs["model"]},
        **settings | {"max_steps": 1, "learning_rate": 1e-12},
    )  # fmt: skip
    assert again.metric("eval_loss") == pytest.approx(losses[best], abs=1e-4)


def test_the_last_model_is_kept_where_that_is_asked(base: Path, rows: Path, tmp_path: Path) -> None:
    inputs: dict[str, Path | list[Path]] = {"model": base, "dataset": rows, "validation": rows}
    settings = QUICK | {"max_steps": 4, "keep_best": False, "save_every": "epoch", "save_total_limit": 1}
    result = run_node("train.sft", tmp_path, inputs, **settings)
    assert changed(base, result.outputs["model"])


def test_a_loss_that_is_no_number_stops_the_run(base: Path, rows: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    shutil.copytree(base, tmp_path / "poisoned")
    tensors = load_file(base / "model.safetensors")
    tensors["model.norm.weight"][0] = float("nan")
    save_file(tensors, tmp_path / "poisoned" / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(NodeFailure, match="no number any more after step 1") as failure:
        run_node("train.sft", tmp_path, {"model": tmp_path / "poisoned", "dataset": rows}, **QUICK)
    assert failure.value.category == "input" and "Lower learning_rate (now 0.005)" in failure.value.hint


def test_out_of_memory_names_a_smaller_batch() -> None:
    import torch

    with pytest.raises(NodeFailure) as failure, explained(Params(batch_size=6, max_length=77)):
        torch.empty(10**15)
    assert failure.value.category == "oom"
    assert "Lower batch_size from 6 to 3; with gradient_accumulation 2" in failure.value.hint
    with pytest.raises(NodeFailure) as failure, explained(Params(batch_size=1, max_length=77)):
        raise MemoryError
    assert "lower max_length (now 77)" in failure.value.hint


def test_rows_without_room_for_an_answer_are_left_out(base: Path, tmp_path: Path) -> None:
    long = {"prompt": "my invoice is late " * 30, "completion": " billing"}
    mixed = dataset(tmp_path / "mixed", [*messages(), long])
    inputs: dict[str, Path | list[Path]] = {"model": base, "dataset": mixed}
    result = run_node("train.sft", tmp_path, inputs, max_steps=1, **QUICK)
    said = [event.message for event in result.events if event.event == "log"]
    assert any("1 of 46 rows on dataset are longer than 48 tokens" in line for line in said)
    assert any("1 of 46 rows on dataset hold nothing to learn" in line for line in said)
    only = dataset(tmp_path / "only", [long])
    with pytest.raises(NodeFailure, match="No row of the dataset"):
        run_node("train.sft", tmp_path, {"model": base, "dataset": only}, max_steps=1, **QUICK)


def test_new_tokens_enlarge_the_vocabulary(base: Path, rows: Path, tmp_path: Path) -> None:
    inputs: dict[str, Path | list[Path]] = {"model": base, "dataset": rows}
    result = run_node("train.sft", tmp_path, inputs, max_steps=1, new_tokens=["<team>"], **QUICK)
    model, tokenizer = load(result.outputs["model"])
    assert len(tokenizer("<team>")["input_ids"]) == 1
    assert model.get_input_embeddings().num_embeddings == len(tokenizer)


def test_a_model_without_chat_template_gets_one(base: Path, chats: Path, tmp_path: Path) -> None:
    shutil.copytree(base, tmp_path / "bare")
    (tmp_path / "bare" / "chat_template.jinja").unlink()
    inputs: dict[str, Path | list[Path]] = {"model": tmp_path / "bare", "dataset": chats}
    found = run_node("train.sft", tmp_path, inputs, max_steps=1, **QUICK)
    assert "<|im_start|>" in load(found.outputs["model"])[1].chat_template
    named = run_node("train.sft", tmp_path, inputs, max_steps=1, chat_template="llama3", **QUICK)
    model, tokenizer = load(named.outputs["model"])
    assert (
        tokenizer.eos_token == "<|eot_id|>" and tokenizer.eos_token_id in model.generation_config.eos_token_id
    )
    assert model.get_input_embeddings().num_embeddings == len(tokenizer)
    with pytest.raises(NodeFailure, match="The chat template llama3 needs tokens"):
        run_node("train.sft", tmp_path, inputs, chat_template="llama3", method="lora", **QUICK)
