from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from nodegraph import NodeFailure
from nodes.common.models import read_card
from nodes.train._sizes import PRESETS
from nodes.train.init import Params, estimate
from tests.nodes.train.conftest import TINY
from tests.nodes.train.weights import changed, load, same
from tests.support import NodeResult, dataset, run_node

TEXTS = ["你好，世界！", "emoji 🙂👍🏽 and é", "  two  spaces\n\n\ttab\r\n", "١٢٣ 12345", "", "\u00e9"]


def test_same_seed_gives_the_same_model_and_another_seed_another(
    base: Path, rows: Path, tmp_path: Path
) -> None:
    again = run_node("train.init", tmp_path, {"dataset": rows}, **TINY).outputs["model"]
    assert same(base, again)
    assert (base / "tokenizer.json").read_bytes() == (again / "tokenizer.json").read_bytes()
    other = run_node("train.init", tmp_path, {"dataset": rows}, **TINY, seed=7).outputs["model"]
    assert changed(base, other)


def test_the_tokenizer_reloads_and_gives_every_text_back(base: Path) -> None:
    _, tokenizer = load(base)
    for text in TEXTS:
        assert tokenizer.decode(tokenizer(text)["input_ids"]) == text
    assert tokenizer.eos_token == "<|im_end|>" and tokenizer.pad_token == "<|endoftext|>"
    assert tokenizer("<|im_end|>")["input_ids"] == [tokenizer.eos_token_id]
    # The reloaded tokenizer cuts as the trained one does.
    from tokenizers import Tokenizer

    trained = Tokenizer.from_file(str(base / "tokenizer.json"))
    assert all(tokenizer(text)["input_ids"] == trained.encode(text).ids for text in TEXTS)


def test_the_model_stops_where_its_chat_template_ends_a_turn(base: Path) -> None:
    model, tokenizer = load(base)
    assert tokenizer.eos_token_id in model.generation_config.eos_token_id
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    encoded = tokenizer.apply_chat_template(turns, return_assistant_tokens_mask=True, return_dict=True)
    learned = [t for t, m in zip(encoded["input_ids"], encoded["assistant_masks"], strict=True) if m]
    assert tokenizer.decode(learned) == "b<|im_end|>"


@pytest.mark.parametrize("architecture", ["qwen2", "llama"])
@pytest.mark.parametrize("template", ["chatml", "llama3", "plain"])
def test_the_estimate_is_the_number_of_parameters(
    rows: Path, tmp_path: Path, architecture: str, template: str
) -> None:
    settings = TINY | {"architecture": architecture, "chat_template": template, "vocab_size": 300}
    result = run_node("train.init", tmp_path, {"dataset": rows}, **settings)
    model, tokenizer = load(result.outputs["model"])
    assert model.config.model_type == architecture and len(tokenizer) == 300
    assert model.num_parameters() == estimate(Params(**settings))["parameters"] == result.metric("parameters")
    assert read_card(result.outputs["model"])["parameters"] == model.num_parameters()
    turns = [{"role": "user", "content": "hi"}]
    assert "hi" in tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    assert all(tokenizer.decode(tokenizer(text)["input_ids"]) == text for text in TEXTS)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_as_large_as_their_names_say(name: str) -> None:
    number = float(name[:-1]) * {"m": 1e6, "b": 1e9}[name[-1]]
    parameters = estimate(Params(preset=name))["parameters"]  # type: ignore[arg-type]
    assert parameters == pytest.approx(number, rel=0.07)


def test_what_is_set_wins_over_the_preset() -> None:
    shape = Params(preset="3m", layers=2, vocab_size=999).shape
    assert (shape.hidden_size, shape.layers, shape.vocab_size) == (192, 2, 999)
    assert Params(preset="3m", heads=4).shape.kv_heads == 4
    assert Params(preset="3m", hidden_size=256).shape.heads == 4
    assert Params(preset="custom", hidden_size=96, layers=1, heads=2).shape.intermediate_size == 256


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"hidden_size": 100, "heads": 3}, "hidden_size 100 is not divisible by heads 3"),
        ({"heads": 4, "kv_heads": 3}, "heads 4 is not divisible by kv_heads 3"),
        ({"hidden_size": 12, "heads": 4}, "hidden_size / heads is 3, which is odd"),
        ({"preset": "custom", "layers": 2}, "preset custom needs hidden_size, heads"),
        ({"vocab_size": 10}, "greater than or equal to 300"),
        ({"hidden_size": "64"}, "valid integer"),
    ],
)
def test_sizes_that_do_not_fit_are_explained(settings: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Params.model_validate(settings)


def test_short_text_gives_a_smaller_vocabulary(new: NodeResult, tmp_path: Path) -> None:
    little = dataset(tmp_path / "little", [{"messages": [{"role": "user", "content": "aa"}]}])
    result = run_node("train.init", tmp_path, {"dataset": little}, **TINY)
    size = result.metric("vocab_size")
    assert size is not None and 259 <= size < TINY["vocab_size"]
    assert new.metric("vocab_size") == TINY["vocab_size"]


def test_an_empty_dataset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NodeFailure, match="has no rows"):
        run_node("train.init", tmp_path, {"dataset": dataset(tmp_path / "none", [])}, **TINY)
