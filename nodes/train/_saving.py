"""Saves what was trained, full model or adapter, with its tokenizer and its card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nodes.common.models import write_card
from nodes.common.torch_terms import torch_dtype
from nodes.train._base import Base, stored_dtype


def save_full(
    model: Any, tokenizer: Any, directory: Path, dtype: str, config: Any, card: dict[str, Any]
) -> None:
    """A full model, ready to generate: it stops where its chat template ends a turn."""
    model.config.use_cache = True
    model.generation_config.eos_token_id = stop_ids(model, tokenizer)
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model = model.to(torch_dtype(stored_dtype(config) if dtype == "auto" else dtype))
    model.save_pretrained(directory)
    _remove_page(directory)
    tokenizer.save_pretrained(directory)
    architecture = model.config.model_type
    write_card(
        directory, kind="model", architecture=architecture, parameters=model.num_parameters(), base=None,
        requires=[], training=card,
    )  # fmt: skip


def save_adapter(model: Any, tokenizer: Any, directory: Path, base: Base, card: dict[str, Any]) -> None:
    """An adapter; its card names the base, since a path of this machine would mean nothing elsewhere."""
    for config in model.peft_config.values():
        config.base_model_name_or_path = next(iter(base.name.values()))
    # Asked to find out by itself, peft would look for the base model on the hub.
    model.save_pretrained(directory, save_embedding_layers=False)
    _remove_page(directory)
    tokenizer.save_pretrained(directory)
    parameters = sum(p.numel() for p in model.parameters() if p.requires_grad)
    write_card(
        directory, kind="adapter", architecture=model.config.model_type, parameters=parameters,
        base=base.name, requires=base.requires, training=card,
    )  # fmt: skip


def stop_ids(model: Any, tokenizer: Any) -> list[int]:
    """The tokens that end an answer: the base model's own, the tokenizer's, the chat template's."""
    own = model.generation_config.eos_token_id
    found = set(own if isinstance(own, list) else [] if own is None else [own])
    found.add(tokenizer.eos_token_id)
    found |= _turn_end(tokenizer)
    return sorted(found)


def _turn_end(tokenizer: Any) -> set[int]:
    """The special token that the chat template puts behind an answer, where it does."""
    if not tokenizer.chat_template:
        return set()
    turns = [{"role": "user", "content": "question"}, {"role": "assistant", "content": "answer"}]
    text = tokenizer.apply_chat_template(turns, tokenize=False)
    ids = tokenizer(text[text.rindex("answer") + len("answer") :], add_special_tokens=False)["input_ids"]
    special = tokenizer.added_tokens_decoder
    return {ids[0]} if ids and ids[0] in special and special[ids[0]].special else set()


def _remove_page(directory: Path) -> None:
    """The library's own README says nothing of this model, and may name paths of this machine."""
    (directory / "README.md").unlink(missing_ok=True)
