"""Builds a model of a given shape with random weights."""

from __future__ import annotations

from typing import Any

from nodes.common.torch_terms import torch_dtype
from nodes.train._machine import quiet
from nodes.train._sizes import Shape


def new_model(architecture: str, shape: Shape, tokenizer: Any, seed: int, dtype: str, **settings: Any) -> Any:
    """The model; the same seed gives the same weights. It stops where the tokenizer ends a turn or a text."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig

    quiet()
    special = {"bos_token_id": tokenizer.bos_token_id, "pad_token_id": tokenizer.pad_token_id}
    config = AutoConfig.for_model(
        architecture,
        vocab_size=len(tokenizer),
        hidden_size=shape.hidden_size,
        intermediate_size=shape.intermediate_size,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.kv_heads,
        tie_word_embeddings=shape.tied,
        eos_token_id=tokenizer.eos_token_id,
        **special,
        **settings,
    )
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model.generation_config = GenerationConfig(eos_token_id=_ends(tokenizer), **special)
    return model.to(torch_dtype(dtype))


def _ends(tokenizer: Any) -> list[int]:
    """The tokens after which nothing follows."""
    known = tokenizer.get_vocab()
    texts = [known[token] for token in ("<|endoftext|>", "<|end_of_text|>") if token in known]
    return sorted({tokenizer.eos_token_id, *texts})
