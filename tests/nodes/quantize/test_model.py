"""Quantising a tiny real model: smaller on disk, still itself, and what is saved loads as it was."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

from nodegraph import NodeFailure
from nodes.quantize._likeness import difference_of, logits_of
from nodes.quantize._texts import SENTENCES
from nodes.quantize.model import Params
from tests.support import NodeResult, dataset, run_node, tiny_model

METHODS = ["int8", "nf4", "fp4", "fp16", "bf16"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model") / "tiny", hidden_size=64)


def quantised(tmp_path: Path, model: Path, **params: Any) -> NodeResult:
    return run_node("quantize.model", tmp_path, {"model": model}, **params)


def measured(result: NodeResult) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((result.outputs["metrics"] / "quantization.json").read_text())
    return found


def logits(directory: Path) -> torch.Tensor:
    ids = AutoTokenizer.from_pretrained(directory)(SENTENCES[0], return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        loaded = AutoModelForCausalLM.from_pretrained(directory, dtype="auto", device_map={"": "cpu"})
        return loaded(ids).logits.float()


@pytest.mark.parametrize("method", METHODS)
def test_each_method_makes_it_smaller_and_keeps_what_it_says(
    tmp_path: Path, model: Path, method: str
) -> None:
    result = quantised(tmp_path, model, method=method)
    found = measured(result)
    on_disk = (result.outputs["model"] / "model.safetensors").stat().st_size / 1e6
    assert (found["indicator"], found["method"]) == ("quantization", method)
    assert found["size_after_mb"] == pytest.approx(on_disk, abs=1e-3)
    assert found["ratio"] > 1.8
    assert found["perplexity_after"] == pytest.approx(found["perplexity_before"], rel=0.05)
    assert found["reload_difference"] < 1e-3
    assert result.metric("ratio") == found["ratio"]
    original, again = logits(model), logits(result.outputs["model"])
    assert torch.nn.functional.cosine_similarity(original, again, dim=-1).min() > 0.97


def sized(directory: Path, model: Path, **sizes: int) -> Path:
    shutil.copytree(model, directory)
    config = AutoConfig.from_pretrained(model)
    for name, size in sizes.items():
        setattr(config, name, size)
    torch.manual_seed(0)
    AutoModelForCausalLM.from_config(config).save_pretrained(directory)
    return directory


def test_layers_whose_sizes_do_not_fit_stay_as_they_are(tmp_path: Path, model: Path) -> None:
    """With AVX512-BF16, 4-bit layers of other sizes fail as soon as they compute."""
    odd = sized(tmp_path / "odd", model, intermediate_size=96)
    result = quantised(tmp_path, odd, method="nf4")
    saved = load_file(result.outputs["model"] / "model.safetensors")
    assert saved["model.layers.0.mlp.down_proj.weight"].dtype == torch.float32
    assert saved["model.layers.0.mlp.up_proj.weight"].dtype == torch.uint8
    assert any("down_proj stay as they are" in e.message for e in result.events if e.event == "log")
    assert logits(result.outputs["model"]).isfinite().all()


def test_a_model_too_small_for_four_bits_is_told_what_to_choose(tmp_path: Path, model: Path) -> None:
    small = sized(tmp_path / "small", model, hidden_size=32, intermediate_size=96)
    with pytest.raises(NodeFailure, match="No layer") as caught:
        quantised(tmp_path, small, method="fp4")
    assert "int8" in caught.value.hint
    assert measured(quantised(tmp_path, small, method="int8"))["ratio"] > 1.5


@pytest.mark.parametrize(("method", "bits"), [("int8", "load_in_8bit"), ("nf4", "load_in_4bit")])
def test_the_result_is_really_quantised(tmp_path: Path, model: Path, method: str, bits: str) -> None:
    loaded = AutoModelForCausalLM.from_pretrained(
        quantised(tmp_path, model, method=method).outputs["model"], device_map={"": "cpu"}
    )
    weight = loaded.model.layers[0].mlp.up_proj.weight
    assert weight.dtype == (torch.int8 if method == "int8" else torch.uint8)
    assert getattr(loaded.config.quantization_config, bits)


def test_perplexity_is_that_of_all_tokens_together(tmp_path: Path, model: Path) -> None:
    rows = [
        {"text": "the quick brown fox"},
        {"text": "你好，世界。" * 9},
        {"text": "jumps over the lazy dog"},
    ]
    result = run_node(
        "quantize.model",
        tmp_path,
        {"model": model, "dataset": dataset(tmp_path / "rows", rows)},
        method="bf16",
        batch_size=2,
    )
    loaded, tokenizer = AutoModelForCausalLM.from_pretrained(model), AutoTokenizer.from_pretrained(model)
    nll, tokens = 0.0, 0
    for row in rows:
        ids = tokenizer(row["text"], return_tensors="pt")["input_ids"]
        nll += loaded(ids, labels=ids).loss.item() * (ids.shape[1] - 1)
        tokens += ids.shape[1] - 1
    assert measured(result)["perplexity_before"] == pytest.approx(math.exp(nll / tokens), rel=1e-4)


def test_conversations_and_prompts_are_read_too(tmp_path: Path, model: Path) -> None:
    turns = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "你好"}]
    rows = [{"messages": turns}, {"prompt": "the fox", "completion": " jumps"}, {"prompt": turns[:1]}]
    for row in rows:
        data = dataset(tmp_path / str(rows.index(row)), [row])
        result = run_node("quantize.model", tmp_path, {"model": model, "dataset": data}, method="bf16")
        assert measured(result)["texts"] == 1


def test_settings_reach_the_weights(tmp_path: Path, model: Path) -> None:
    result = quantised(
        tmp_path,
        model,
        method="nf4",
        other_weights="bf16",
        double_quantization=True,
        skip_modules=["down_proj"],
    )
    directory = result.outputs["model"]
    saved = load_file(directory / "model.safetensors")
    assert saved["model.layers.0.mlp.down_proj.weight"].dtype == torch.bfloat16
    assert saved["model.layers.0.mlp.up_proj.weight"].dtype == torch.uint8
    assert "model.layers.0.mlp.up_proj.weight.nested_absmax" in saved
    settings = json.loads((directory / "config.json").read_text())["quantization_config"]
    assert settings["bnb_4bit_compute_dtype"] == "bfloat16"
    assert AutoModelForCausalLM.from_pretrained(directory, device_map={"": "cpu"}).num_parameters() > 0


def test_a_model_that_loads_differently_is_never_handed_on(tmp_path: Path, model: Path) -> None:
    """What bitsandbytes does to 4-bit weights that have computed before they are saved."""
    settings = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4")
    loaded = AutoModelForCausalLM.from_pretrained(model, quantization_config=settings, device_map={"": "cpu"})
    batch = [AutoTokenizer.from_pretrained(model)(SENTENCES[0])["input_ids"]]
    before = logits_of(loaded, batch)
    loaded.save_pretrained(tmp_path / "too-late")
    again = AutoModelForCausalLM.from_pretrained(tmp_path / "too-late", device_map={"": "cpu"})
    with pytest.raises(NodeFailure, match="loads wrong"):
        difference_of(before, logits_of(again, batch))
    assert difference_of(before, before) == 0


def test_an_adapter_is_merged_into_its_base_first(tmp_path: Path, model: Path) -> None:
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(0)
    config = LoraConfig(r=4, target_modules=["q_proj", "down_proj"], init_lora_weights=False)
    adapted = get_peft_model(AutoModelForCausalLM.from_pretrained(model), config)
    adapter = tmp_path / "adapter"
    adapted.save_pretrained(adapter)
    (adapter / "card.json").write_text(json.dumps({"kind": "adapter", "base": {"digest": "the-base"}}))
    result = run_node(
        "quantize.model", tmp_path, {"model": adapter}, related={"the-base": model}, method="bf16"
    )
    ids = AutoTokenizer.from_pretrained(model)(SENTENCES[0], return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        expected = adapted(ids).logits
    torch.testing.assert_close(logits(result.outputs["model"]), expected, atol=0.05, rtol=0.05)
    assert (expected - logits(model)).abs().max() > 0.2


def test_the_card_says_what_was_done(tmp_path: Path, model: Path) -> None:
    source = Path(shutil.copytree(model, tmp_path / "source"))
    (source / "card.json").write_text(json.dumps({"kind": "model", "training": {"node": "train.sft"}}))
    card = json.loads((quantised(tmp_path, source, method="int8").outputs["model"] / "card.json").read_text())
    assert (card["kind"], card["architecture"], card["training"]) == ("model", "qwen2", {"node": "train.sft"})
    assert card["parameters"] == AutoModelForCausalLM.from_pretrained(model).num_parameters()
    assert card["lineage"] == [{"node": "quantize.model", "method": "int8", "input": "source"}]


def test_progress_counts_up_to_its_end(tmp_path: Path, model: Path) -> None:
    events = quantised(tmp_path, model, method="nf4", batch_size=4).events
    steps = [(e.done, e.total) for e in events if e.event == "progress"]
    assert steps == sorted(steps)
    assert steps[-1] == (11, 11)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda m: _configure(m, quantization_config={"load_in_8bit": True}), "quantised already"),
        (lambda m: (m / "model.safetensors").rename(m / "pytorch_model.bin"), "pickled"),
        (lambda m: [path.unlink() for path in m.glob("tokenizer*")], "without a tokenizer"),
        (lambda m: _configure(m, model_type="no-such-type"), "cannot be loaded"),
        (lambda m: (m / "model.safetensors").write_bytes(b"\x08"), "cannot be loaded"),
    ],
)
def test_what_cannot_be_quantised_is_refused_in_words(
    tmp_path: Path, model: Path, spoil: Any, said: str
) -> None:
    broken = Path(shutil.copytree(model, tmp_path / "broken"))
    spoil(broken)
    with pytest.raises(NodeFailure, match=said) as caught:
        quantised(tmp_path, broken)
    assert caught.value.category == "input"
    assert caught.value.hint


def _configure(model: Path, **fields: Any) -> None:
    config = json.loads((model / "config.json").read_text()) | fields
    (model / "config.json").write_text(json.dumps(config))


def test_a_misspelt_module_is_named_with_its_nearest(tmp_path: Path, model: Path) -> None:
    with pytest.raises(NodeFailure, match="no module dwon_proj") as caught:
        quantised(tmp_path, model, skip_modules=["dwon_proj"])
    assert "down_proj" in caught.value.hint


def test_weights_too_large_for_fp16_are_refused(tmp_path: Path, model: Path) -> None:
    large = AutoModelForCausalLM.from_pretrained(model)
    large.model.norm.weight.data *= 1e5
    shutil.copytree(model, tmp_path / "large")
    large.save_pretrained(tmp_path / "large")
    with pytest.raises(NodeFailure, match="not finite") as caught:
        quantised(tmp_path, tmp_path / "large", method="fp16")
    assert "bf16" in caught.value.hint


def test_an_empty_dataset_is_refused(tmp_path: Path, model: Path) -> None:
    data = dataset(tmp_path / "empty", [])
    with pytest.raises(NodeFailure, match="no rows"):
        run_node("quantize.model", tmp_path, {"model": model, "dataset": data})


def test_methods_have_fixed_names() -> None:
    with pytest.raises(ValidationError, match="nf4"):
        Params.model_validate({"method": "int4"})
