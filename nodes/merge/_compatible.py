"""Whether models can be merged: same architecture, sizes, vocabulary, parameters; weights stay unread."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodegraph import NodeFailure
from nodes.common.models import is_adapter, refuse_pickles
from nodes.merge._weights import tensors_of

_FIELDS = (
    "architectures", "model_type", "hidden_size", "num_hidden_layers", "intermediate_size",
    "num_attention_heads", "num_key_value_heads", "head_dim", "num_experts", "num_local_experts",
    "vocab_size", "tie_word_embeddings",
)  # fmt: skip
_SAME_BASE = "Merge models that were trained from the same base, with the same tokenizer."


@dataclass(frozen=True)
class Candidate:
    """A model that came in: what to call it, where it lies, and the digest of its content."""

    name: str
    path: Path
    digest: str


def require_mergeable(candidates: Sequence[Candidate]) -> None:
    """Fail with category input, naming the input and the field, where the models do not fit each other."""
    for candidate in candidates:
        _require_full_weights(candidate)
    first = candidates[0]
    for other in candidates[1:]:
        _compare_configs(first, other)
        _compare_vocabularies(first, other)
        _compare_parameters(first, other)


def config_of(directory: Path) -> dict[str, Any]:
    """A model's config.json."""
    try:
        config: dict[str, Any] = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NodeFailure(
            "input",
            f"The model in {directory.name} has no readable config.json.",
            "A model is a directory in Hugging Face's layout.",
        ) from error
    return config


def _require_full_weights(candidate: Candidate) -> None:
    if is_adapter(candidate.path):
        raise NodeFailure(
            "input",
            f"{candidate.name} is an adapter; merging needs full weights.",
            "Train with method full, or merge the adapter into its base first.",
        )
    refuse_pickles(candidate.path)
    config = config_of(candidate.path)
    if config.get("quantization_config"):
        raise NodeFailure(
            "input",
            f"{candidate.name} is quantised; its weights cannot be averaged.",
            "Merge the models first and quantise the result.",
        )
    if config.get("auto_map"):
        raise NodeFailure(
            "input",
            f"{candidate.name} brings its own code, which is not run.",
            "Use a model whose architecture is part of transformers.",
        )


def _compare_configs(first: Candidate, other: Candidate) -> None:
    left, right = config_of(first.path), config_of(other.path)
    differing = [
        f"{field} {_shown(right.get(field))} (not {_shown(left.get(field))})"
        for field in _FIELDS
        if right.get(field) != left.get(field)
    ]
    if differing:
        raise NodeFailure(
            "input", f"{other.name} does not match {first.name}: it has {', '.join(differing)}.", _SAME_BASE
        )


def _compare_vocabularies(first: Candidate, other: Candidate) -> None:
    left, right = _vocabulary(first.path), _vocabulary(other.path)
    if left is None or right is None or left == right:
        return
    differing = sorted(token for token in left.keys() | right.keys() if left.get(token) != right.get(token))
    raise NodeFailure(
        "input",
        f"The vocabulary of {other.name} does not match that of {first.name}: {len(differing):,} tokens "
        f"differ, such as {differing[0]!r} (id {right.get(differing[0])}, not {left.get(differing[0])}).",
        _SAME_BASE,
    )


def _compare_parameters(first: Candidate, other: Candidate) -> None:
    left, right = tensors_of(first.path), tensors_of(other.path)
    for name in sorted(left.keys() | right.keys()):
        if name not in left or name not in right:
            lacking, having = (other, first) if name in left else (first, other)
            what = f"{lacking.name} lacks the parameter {name}, which {having.name} has."
        elif left[name].shape != right[name].shape:
            what = (
                f"The parameter {name} of {other.name} has the shape {list(right[name].shape)}, "
                f"that of {first.name} {list(left[name].shape)}."
            )
        else:
            continue
        raise NodeFailure("input", what, _SAME_BASE)


def _vocabulary(directory: Path) -> dict[str, int] | None:
    """The ids of all tokens, None where a model comes without a tokenizer."""
    if (directory / "tokenizer.json").is_file():
        from tokenizers import Tokenizer

        found: dict[str, int] = Tokenizer.from_file(str(directory / "tokenizer.json")).get_vocab()
        return found
    if not any((directory / name).is_file() for name in ("tokenizer.model", "vocab.json", "vocab.txt")):
        return None
    from transformers import AutoTokenizer

    return dict(AutoTokenizer.from_pretrained(directory, local_files_only=True).get_vocab())


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else json.dumps(value)
