"""Perplexity of a model on texts, every token counting the same."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from nodegraph import NodeFailure

Batch = list[list[int]]


def batches_of(texts: Sequence[str], tokenizer: Any, max_length: int, batch_size: int) -> list[Batch]:
    """The texts as token ids, cut to `max_length`, those of similar length together."""
    found = [tokenizer(text, truncation=True, max_length=max_length)["input_ids"] for text in texts]
    # A first token has nothing before it, so a text of one token cannot be scored.
    usable = sorted((ids for ids in found if len(ids) > 1), key=len, reverse=True)
    if not usable:
        raise NodeFailure(
            "input", "The dataset has no text of two tokens or more.", "Wire a dataset with text, or none."
        )
    return [usable[start : start + batch_size] for start in range(0, len(usable), batch_size)]


def perplexity(model: Any, batches: Sequence[Batch], on_batch: Callable[[], None]) -> float:
    """The exponential of the mean negative log-likelihood of a token; inf where that is beyond counting."""
    nll = tokens = 0.0
    for batch in batches:
        summed, scored = _score(model, batch)
        nll += summed
        tokens += scored
        on_batch()
    mean = nll / tokens
    return math.exp(mean) if mean < 700 else math.inf


def _score(model: Any, batch: Batch) -> tuple[float, int]:
    import torch
    from torch.nn.functional import cross_entropy

    ids, mask = padded(batch, model.device)
    with torch.inference_mode():
        logits = model(input_ids=ids, attention_mask=mask, use_cache=False).logits
        targets = ids[:, 1:].masked_fill(mask[:, 1:] == 0, -100)
        rows = zip(logits[:, :-1], targets, strict=True)
        # Row by row: the logits of a whole batch in full precision may not fit.
        total = sum(cross_entropy(row.float(), target, reduction="sum").item() for row, target in rows)
    return total, int((targets != -100).sum().item())


def padded(batch: Batch, device: Any) -> tuple[Any, Any]:
    """Padding on the right: a causal model never looks there, so the values are those of the text alone."""
    import torch

    width = max(len(row) for row in batch)
    ids = torch.tensor([row + [0] * (width - len(row)) for row in batch], device=device)
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in batch], device=device)
    return ids, mask
