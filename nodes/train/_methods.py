"""Which weights a fine-tuning run trains: all, the last layers, or an adapter beside frozen ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from nodegraph import Context, NodeFailure
from nodes.train._base import Base, load_weights, merged, with_adapter
from nodes.train._machine import Machine
from nodes.train._sft_params import SftParams

_LAYER = re.compile(r"(?:^|\.)(?:layers|h|blocks)\.(\d+)\.")


def prepare_model(params: SftParams, base: Base, machine: Machine, vocabulary: int, ctx: Context) -> Any:
    """The model, loaded as the method needs it, with the right weights set to be trained.

    An adapter on the model port is trained further by lora, qlora and dora, keeping its own rank and modules;
    full and freeze merge it into its base first.
    """
    if params.gives_adapter:
        return _with_adapter(params, base, machine, ctx)
    dtype = "fp32" if params.weights_dtype == "auto" else params.weights_dtype
    model = load_weights(base, machine, dtype)
    if base.adapter is not None:
        model = merged(model, base.adapter, ctx)
    if vocabulary > model.get_input_embeddings().num_embeddings:
        model.resize_token_embeddings(vocabulary)
    if params.method == "freeze":
        freeze(model, params.freeze_layers, params.freeze_modules, params.freeze_extra_modules)
    return model


def freeze(model: Any, layers: int, modules: list[str], extra: list[str]) -> None:
    """Leave only the last `layers` to be trained, or `modules` in them, and `extra` outside them."""
    numbers = {int(found[1]) for name, _ in model.named_parameters() if (found := _LAYER.search(name))}
    chosen = set(sorted(numbers)[-layers:]) if layers else set()
    for name, weights in model.named_parameters():
        found = _LAYER.search(name)
        if found:
            weights.requires_grad = int(found[1]) in chosen and (not modules or _named(name, modules))
        else:
            weights.requires_grad = _named(name, extra)
    missing = [
        part for part in (*modules, *extra) if not any(_named(n, [part]) for n, _ in _all_names(model))
    ]
    if missing or not any(weights.requires_grad for weights in model.parameters()):
        names = sorted({part for name, _ in model.named_parameters() for part in name.split(".")[:-1]})
        raise NodeFailure(
            "input",
            f"The model has no module {', '.join(missing)}." if missing else "Nothing would be trained.",
            f"Its modules are {', '.join(name for name in names if not name.isdigit())}.",
        )
    # Recomputing activations needs a gradient at the input even where the embedding is frozen.
    model.enable_input_require_grads()


def _all_names(model: Any) -> Any:
    """Names of weights, those shared under two names (a tied lm_head) included."""
    return model.named_parameters(remove_duplicate=False)


def _named(name: str, parts: list[str]) -> bool:
    return any(re.search(rf"(^|\.){re.escape(part)}(\.|$)", name) for part in parts)


def _with_adapter(params: SftParams, base: Base, machine: Machine, ctx: Context) -> Any:
    quantization = _four_bit(params, machine) if params.method == "qlora" else None
    dtype = machine.precision if params.weights_dtype == "auto" else params.weights_dtype
    model = load_weights(base, machine, dtype, quantization)
    if quantization is not None:
        from peft import prepare_model_for_kbit_training

        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    if base.adapter is not None:
        return _continued(model, base.adapter, params.method, ctx)
    return _new_adapter(model, params)


def _new_adapter(model: Any, params: SftParams) -> Any:
    from peft import LoraConfig, TaskType, get_peft_model

    targets: Any = "all-linear" if "all-linear" in params.target_modules else params.target_modules
    config = LoraConfig(
        task_type=TaskType.CAUSAL_LM,
        r=params.lora_rank,
        lora_alpha=params.lora_alpha,
        lora_dropout=params.lora_dropout,
        target_modules=targets,
        use_rslora=params.use_rslora,
        use_dora=params.method == "dora",
        bias=params.lora_bias,
        init_lora_weights=True if params.lora_init == "default" else params.lora_init,
        modules_to_save=params.modules_to_save or None,
    )
    try:
        return get_peft_model(model, config)
    except ValueError as error:
        linear = {name.rpartition(".")[2] for name, module in model.named_modules() if _is_linear(module)}
        raise NodeFailure(
            "input",
            f"The adapter does not fit the model: {str(error).splitlines()[0][:200]}",
            f"target_modules may be all-linear or some of {', '.join(sorted(linear - {'lm_head'}))}.",
        ) from error


def _is_linear(module: Any) -> bool:
    return "Linear" in type(module).__name__


def _continued(model: Any, adapter: Path, method: str, ctx: Context) -> Any:
    from peft import PeftConfig

    kind = PeftConfig.from_pretrained(str(adapter))
    if str(kind.peft_type).rpartition(".")[2] != "LORA":
        raise NodeFailure(
            "input",
            f"The adapter on the input model is of type {kind.peft_type}; only LoRA can be trained further.",
            "Use method full, which merges it first.",
        )
    if (method == "dora") != bool(kind.use_dora):
        ctx.log(
            f"The adapter was made {'with' if kind.use_dora else 'without'} DoRA and stays so.", "warning"
        )
    ctx.log(f"The wired adapter is trained further, with its own rank {kind.r} and modules.")
    return with_adapter(model, adapter, trainable=True)


def _four_bit(params: SftParams, machine: Machine) -> Any:
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type=params.quantization,
        bnb_4bit_use_double_quant=params.double_quantization,
        bnb_4bit_compute_dtype=machine.compute_dtype,
    )
