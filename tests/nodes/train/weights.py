"""Weights of models on disk, to be compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def weights(directory: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    (path,) = directory.glob("*.safetensors")
    return load_file(path)


def same(first: Path, second: Path) -> bool:
    import torch

    one, other = weights(first), weights(second)
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def changed(before: Path, after: Path) -> set[str]:
    import torch

    one, other = weights(before), weights(after)
    assert one.keys() == other.keys()
    return {name for name in one if not torch.equal(one[name], other[name])}


def load(directory: Path) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    return AutoModelForCausalLM.from_pretrained(directory).eval(), AutoTokenizer.from_pretrained(directory)


def answer(directory: Path, prompt: str) -> str:
    model, tokenizer = load(directory)
    inputs = tokenizer(prompt, return_tensors="pt", add_special_tokens=False)
    output = model.generate(**inputs, max_new_tokens=12, do_sample=False)
    return str(tokenizer.decode(output[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)).strip()
