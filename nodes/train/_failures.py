"""Failures of training in words: out of memory, a loss that is no number."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

from nodegraph import NodeFailure
from nodegraph.harness.failures import is_out_of_memory
from nodes.train._params import TrainingParams


@contextmanager
def explained(params: TrainingParams) -> Iterator[None]:
    """Say what to change where memory runs out, on a GPU or on the host."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        text = str(error)
        line = text.strip().splitlines()[0][:200] if text.strip() else "no more memory"
        raise NodeFailure("oom", f"Out of memory: {line}", _smaller(params)) from error


def _smaller(params: TrainingParams) -> str:
    if params.batch_size == 1:
        return (
            f"batch_size is 1 already: lower max_length (now {params.max_length}), set "
            "gradient_checkpointing to on, or train an adapter (method lora or qlora)."
        )
    smaller = params.batch_size // 2
    steps = params.gradient_accumulation * math.ceil(params.batch_size / smaller)
    return (
        f"Lower batch_size from {params.batch_size} to {smaller}; with gradient_accumulation {steps} each "
        "step still sees as many rows. gradient_checkpointing and a smaller max_length also save memory."
    )


def no_number(what: str, step: int, learning_rate: float) -> NodeFailure:
    """The failure for a loss or gradient that is NaN or infinite."""
    return NodeFailure(
        "input",
        f"The {what} is no number any more after step {step}: training has diverged.",
        f"Lower learning_rate (now {learning_rate:g}), for instance to {learning_rate / 10:g}, or warm up "
        "longer; where precision is fp16, take bf16 or fp32.",
    )
