"""Exact likelihoods of token sequences: each token is scored once, in the window that gives it most context.

A sequence longer than the model's length is read in overlapping windows, as in
https://huggingface.co/docs/transformers/perplexity, but summed token for token, not averaged by window.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nodes.evaluate._engine import Likelihood

_TOKENS_AT_ONCE = 4096
_ROWS_AT_ONCE = 1024


@dataclass(frozen=True)
class Window:
    """A part of a sequence; the tokens from `first` (at least 1) are scored."""

    owner: int
    ids: Sequence[int]
    first: int


def windows_of(owner: int, ids: Sequence[int], first: int, length: int, stride: int) -> list[Window]:
    """Windows of at most `length` tokens, `stride` apart, that score each token from `first` once.

    A token without anything before it cannot be scored.
    """
    scored = max(first, 1)
    found = []
    while scored < len(ids):
        end = min(max(scored + stride, length), len(ids))
        begin = max(0, end - length)
        found.append(Window(owner, ids[begin:end], scored - begin))
        scored = end
    return found


def likelihoods(
    inner: Any,
    model: Any,
    sequences: Sequence[tuple[list[int], int]],
    length: int,
    stride: int,
    batch_size: int,
    on_batch: Callable[[int], None],
) -> list[Likelihood]:
    """The likelihood of each sequence's tokens from its given place on; `on_batch` gets how many are done."""
    step = max(1, min(stride or length // 2, length - 1))
    windows = [w for i, (ids, first) in enumerate(sequences) for w in windows_of(i, ids, first, length, step)]
    windows.sort(key=lambda window: -len(window.ids))
    nll = [0.0] * len(sequences)
    tokens = [0] * len(sequences)
    done = 0
    while done < len(windows):
        size = max(1, min(batch_size, _TOKENS_AT_ONCE // len(windows[done].ids)))
        batch = windows[done : done + size]
        for window, value in zip(batch, _score(inner, model, batch), strict=True):
            nll[window.owner] += value
            tokens[window.owner] += len(window.ids) - window.first
        done += len(batch)
        on_batch(len(sequences) * done // len(windows))
    return [Likelihood(value, count) for value, count in zip(nll, tokens, strict=True)]


def _score(inner: Any, model: Any, batch: list[Window]) -> list[float]:
    import inspect

    import torch

    width = max(len(window.ids) for window in batch)
    # Padding on the right: a causal model never looks there, so the values are those of the text alone.
    rows = [[*window.ids, *[0] * (width - len(window.ids))] for window in batch]
    masks = [[1] * len(window.ids) + [0] * (width - len(window.ids)) for window in batch]
    start = min(window.first for window in batch) - 1
    partial = "logits_to_keep" in inspect.signature(inner.forward).parameters
    with torch.inference_mode():
        ids = torch.tensor(rows, device=inner.device)
        logits = model(
            input_ids=ids,
            attention_mask=torch.tensor(masks, device=inner.device),
            use_cache=False,
            **({"logits_to_keep": width - start} if partial else {}),
        ).logits
        offset = start if partial else 0
        return [_nll(logits[row], ids[row], window, offset) for row, window in enumerate(batch)]


def _nll(logits: Any, ids: Any, window: Window, offset: int) -> float:
    from torch.nn.functional import cross_entropy

    total = 0.0
    for begin in range(window.first, len(window.ids), _ROWS_AT_ONCE):
        end = min(begin + _ROWS_AT_ONCE, len(window.ids))
        part = logits[begin - 1 - offset : end - 1 - offset].float()
        total += cross_entropy(part, ids[begin:end].to(part.device), reduction="sum").item()
    return total
