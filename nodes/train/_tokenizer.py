"""Trains a byte-level BPE tokenizer on a dataset's text: any text comes back from its tokens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from nodes.train._templates import TEMPLATES

# How Qwen2 cuts text before merging: the other tools that read such models know it.
_PIECES = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_ROLES = ("system\n", "user\n", "assistant\n")


def strings_of(value: Any) -> Iterator[str]:
    """All text in a row, whatever its fields: strings in lists and objects too, roles included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings_of(item)


def train_tokenizer(
    texts: Iterable[str], vocab_size: int, template: str, max_length: int, architecture: str
) -> Any:
    """A tokenizer of at most `vocab_size` tokens; fewer where the text does not give as many."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    chosen = TEMPLATES[template]
    tokenizer = Tokenizer(models.BPE())
    if architecture == "qwen2":
        # transformers reads the tokenizer of every qwen2 model as if it did this, so it must.
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PIECES), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=2,
        special_tokens=list(chosen.tokens),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_with_roles(texts), trainer)
    names = {"eos_token": chosen.eos, "pad_token": chosen.pad, "bos_token": chosen.bos}
    if architecture == "qwen2":
        # Where none is named, transformers adds one of its own.
        names["unk_token"] = chosen.tokens[0]
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        extra_special_tokens=[token for token in chosen.tokens if token not in names.values()],
        chat_template=chosen.text,
        model_max_length=max_length,
        clean_up_tokenization_spaces=False,
        padding_side="right",
        **{name: token for name, token in names.items() if token},
    )


def _with_roles(texts: Iterable[str]) -> Iterator[str]:
    """The texts, and the words of a chat template often enough to become tokens."""
    yield from texts
    yield from _ROLES * 3
