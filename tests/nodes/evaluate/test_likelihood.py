"""Perplexity equals that of a plain loop over unpadded texts, with and without prompts, short and long."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from nodes.common.metrics import read_indicators
from nodes.evaluate._likelihood import windows_of
from tests.nodes.evaluate.conftest import route_rows
from tests.support import dataset, run_node


def plain_nll(model: Any, ids: list[int], first: int) -> float:
    """One text alone: no padding, no batch, the whole text at once."""
    import torch

    with torch.inference_mode():
        logits = model(torch.tensor([ids])).logits[0].double().log_softmax(-1)
    return -sum((float(logits[i - 1, ids[i]]) for i in range(max(first, 1), len(ids))), 0.0)


def loaded(directory: Path) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    return AutoModelForCausalLM.from_pretrained(directory).eval(), AutoTokenizer.from_pretrained(directory)


def measured(tmp_path: Path, model: Path, rows: list[dict[str, Any]], **params: Any) -> dict[str, Any]:
    inputs: dict[str, Any] = {"model": model, "dataset": dataset(tmp_path / "data", rows)}
    result = run_node("evaluate.text", tmp_path, inputs, metrics=["perplexity"], **params)
    found = read_indicators(result.outputs["metrics"])["perplexity"]
    assert result.metric("perplexity") == found["perplexity"]
    return found


def test_running_text_counts_every_token(tmp_path: Path, trained: Path) -> None:
    texts = ["the quick brown fox", "你好，世界", "a", "jumps over the lazy dog " * 6]
    model, tokenizer = loaded(trained)
    ids = [tokenizer(text)["input_ids"] for text in texts]
    nll, tokens = sum(plain_nll(model, i, 0) for i in ids), sum(len(i) - 1 for i in ids)
    found = measured(tmp_path, trained, [{"text": text} for text in texts], batch_size=3)
    assert found["tokens"] == tokens
    assert found["perplexity"] == pytest.approx(math.exp(nll / tokens), rel=1e-5)


def test_prompted_data_count_the_reference_alone(tmp_path: Path, untrained: Path) -> None:
    model, tokenizer = loaded(untrained)
    nll, tokens = 0.0, 0
    for row in route_rows():
        asked, answer = row["messages"]
        prompt = tokenizer.apply_chat_template([asked], tokenize=False, add_generation_prompt=True)
        before, ids = tokenizer(prompt)["input_ids"], tokenizer(prompt + answer["content"])["input_ids"]
        nll += plain_nll(model, ids, len(before))
        tokens += len(ids) - len(before)
    found = measured(tmp_path, untrained, route_rows(), batch_size=5)
    assert found["tokens"] == tokens
    assert found["perplexity"] == pytest.approx(math.exp(nll / tokens), rel=1e-5)


def test_a_model_that_learned_the_answers_is_not_perplexed(tmp_path: Path, trained: Path) -> None:
    assert measured(tmp_path, trained, route_rows())["perplexity"] < 1.2


def test_long_text_is_read_in_windows(tmp_path: Path, trained: Path) -> None:
    text = "the quick brown fox jumps over the lazy dog, 你好 " * 5
    model, tokenizer = loaded(trained)
    ids = tokenizer(text)["input_ids"]
    nll = 0.0
    for begin in range(0, len(ids), 16):  # every token sees the 48 before it, or all
        end = min(begin + 16, len(ids))
        low = max(0, end - 64)
        nll += plain_nll(model, ids[low:end], begin - low) if begin else plain_nll(model, ids[:end], 0)
    found = measured(tmp_path, trained, [{"text": text}], max_length=64, stride=16)
    assert found["tokens"] == len(ids) - 1
    assert found["perplexity"] == pytest.approx(math.exp(nll / (len(ids) - 1)), rel=1e-5)


@pytest.mark.parametrize("size", [1, 2, 7, 8, 9, 30])
@pytest.mark.parametrize("first", [0, 3, 12])
@pytest.mark.parametrize("stride", [1, 4, 7])
def test_windows_score_each_token_once_with_enough_context(size: int, first: int, stride: int) -> None:
    ids = list(range(size))
    scored: list[int] = []
    for window in windows_of(0, ids, first, 8, stride):
        assert len(window.ids) <= 8 and window.first >= 1
        part = list(window.ids[window.first :])
        assert part[0] == 1 or window.first >= min(part[0], 8 - stride)
        scored += part
    assert scored == list(range(max(first, 1), size))
