"""From parameters to the options that make loading quantise, and which modules are left as they are."""

from __future__ import annotations

import logging
import re
from typing import Any

from nodegraph import Context, NodeFailure
from nodegraph.suggest import did_you_mean
from nodes.common.torch_terms import torch_dtype
from nodes.quantize._params import BITSANDBYTES, FOUR_BIT, Params

# What bitsandbytes' 4-bit kernel for CPUs with AVX512-BF16 needs of a layer's inputs and outputs; without
# it the layer fails when it computes. A GPU is less strict, but the model should work on both.
_INPUTS, _OUTPUTS = 64, 32


def options_for(params: Params, model: Any, ctx: Context) -> dict[str, Any]:
    """What turns loading into quantising; `model` is the whole one, which knows its modules and its type."""
    from transformers import BitsAndBytesConfig

    # It repeats a warning for every layer and batch.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    if params.method not in BITSANDBYTES:
        return {"dtype": torch_dtype(params.method)}
    stored, computed = (
        default if wanted == "auto" else torch_dtype(wanted)
        for wanted, default in ((params.other_weights, model.dtype), (params.compute_dtype, None))
    )
    config = BitsAndBytesConfig(
        load_in_8bit=params.method == "int8",
        load_in_4bit=params.method in FOUR_BIT,
        bnb_4bit_quant_type=params.method if params.method in FOUR_BIT else "nf4",
        bnb_4bit_use_double_quant=params.double_quantization,
        bnb_4bit_compute_dtype=computed or stored,
        llm_int8_threshold=params.outlier_threshold,
        llm_int8_skip_modules=_skipped(params, model, ctx),
    )
    return {"dtype": stored, "quantization_config": config}


def _skipped(params: Params, model: Any, ctx: Context) -> list[str] | None:
    """The modules left alone; None leaves it to transformers, which a list of one's own would overrule."""
    from transformers.quantizers.base import get_keys_to_not_convert

    for pattern in params.skip_modules:
        _require_match(pattern, model)
    default = get_keys_to_not_convert(model)
    skipped = [*params.skip_modules, *(_unfit(model, default, ctx) if params.method in FOUR_BIT else [])]
    return [*default, *skipped] if skipped else None


def _require_match(pattern: str, model: Any) -> None:
    from transformers.quantizers.quantizers_utils import should_convert_module

    names = [name for name, _ in model.named_modules() if name]
    try:
        if not all(should_convert_module(name, [pattern]) for name in names):
            return
    except re.error:
        pass
    known = {part for name in names for part in name.split(".") if not part.isdigit()}
    message = f"The model has no module {pattern}, which skip_modules names."
    raise NodeFailure("input", message, did_you_mean(pattern, known))


def _unfit(model: Any, default: list[str], ctx: Context) -> list[str]:
    """The last names of layers whose sizes 4-bit arithmetic does not take."""
    from torch.nn import Linear

    layers = {
        name: layer
        for name, layer in model.named_modules()
        if isinstance(layer, Linear) and name not in default
    }
    unfit = [name for name, layer in layers.items() if not _fits(layer)]
    if layers and len(unfit) == len(layers):
        raise NodeFailure(
            "input",
            "No layer of this model can be stored in 4 bits: their inputs must be multiples of "
            f"{_INPUTS}, their outputs of {_OUTPUTS}.",
            "Choose int8, which takes every size.",
        )
    names = sorted({name.rpartition(".")[2] for name in unfit})
    if names:
        ctx.log(
            f"{', '.join(names)} stay as they are: 4 bits need inputs that are multiples of {_INPUTS}, "
            f"and outputs of {_OUTPUTS}.",
            level="warning",
        )
    return names


def _fits(layer: Any) -> bool:
    return not (layer.in_features % _INPUTS or layer.out_features % _OUTPUTS)
