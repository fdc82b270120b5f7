"""Whether a model that was saved and loaded again says what it said before."""

from __future__ import annotations

from typing import Any

from nodegraph import NodeFailure
from nodes.quantize._perplexity import Batch, padded

# Of the largest logit. The same weights and kernels give the same numbers, so this is generous.
_TOLERANCE = 1e-3
_TEXTS, _TOKENS = 4, 64


def logits_of(model: Any, batch: Batch) -> Any:
    """What the model says to the beginning of a batch, in full precision on the CPU."""
    import torch

    ids, mask = padded([row[:_TOKENS] for row in batch[:_TEXTS]], model.device)
    with torch.inference_mode():
        return model(input_ids=ids, attention_mask=mask, use_cache=False).logits[mask.bool()].float().cpu()


def difference_of(before: Any, after: Any) -> float:
    """The largest difference between two sets of logits; NodeFailure where it is one that matters."""
    if not before.isfinite().all():
        raise NodeFailure(
            "input",
            "The quantised model says things that are not finite: its weights do not fit the type.",
            "Choose bf16 instead of fp16, as method or under Advanced.",
        )
    difference = float((before - after).abs().max())
    if not difference <= _TOLERANCE * max(1.0, float(before.abs().max())):
        raise NodeFailure(
            "node",
            f"The saved model loads wrong: its logits differ by {difference:.3g} from those before saving.",
            "Choose another method, and report this with the model's name.",
        )
    return difference
