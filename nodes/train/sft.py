"""Supervised fine-tuning with TRL: full, last layers only, LoRA, QLoRA or DoRA."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nodegraph import Context, Inputs, NodeType, Outputs, Port, Resources
from nodes.common.preview import Block
from nodes.train import _results
from nodes.train._estimate import estimate_training
from nodes.train._failures import explained
from nodes.train._sft_params import SftParams as Params


def output_ports(params: Params) -> Mapping[str, Port]:
    """A method that trains an adapter gives an adapter."""
    return {"model": Port("adapter" if params.gives_adapter else "model"), "metrics": Port("metrics")}


NODE = NodeType(
    title="Fine-tune",
    category="train",
    params=Params,
    environment="train",
    inputs={
        "model": Port(
            "model",
            optional=True,
            help="Wins over base_model; an adapter is trained further, or merged by full",
        ),
        "dataset": Port("dataset"),
        "validation": Port("dataset", optional=True),
    },
    outputs=output_ports,
    resources=Resources(cpu=2, memory_gb=8),
    processes="per_gpu",
)


def estimate(params: Params, base: Path | None = None) -> dict[str, Any]:
    """Parameters and memory before the run, where the base model is on this machine."""
    size = params.freeze_layers if params.method == "freeze" else params.lora_rank
    return estimate_training(params, base, params.method, size, params.target_modules, full_logits=False)


def run(params: Params, inputs: Inputs, outputs: Outputs, ctx: Context) -> None:
    """Train on rows, then save the model or the adapter."""
    with explained(params):
        _fine_tune(params, inputs, outputs, ctx)


def _fine_tune(params: Params, inputs: Inputs, outputs: Outputs, ctx: Context) -> None:
    from transformers import set_seed
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    from nodes.train import _base
    from nodes.train._batches import Collator, FlatCollator
    from nodes.train._chat import settle_template
    from nodes.train._data import load_data
    from nodes.train._fit import Run, finish, fit
    from nodes.train._lengths import usable_length
    from nodes.train._machine import quiet, settle
    from nodes.train._methods import prepare_model
    from nodes.train._ranks import is_first
    from nodes.train._render import Renderer
    from nodes.train._rows import TokenRows, packed

    quiet()
    set_seed(params.seed)
    machine = settle(params, ctx)
    base = _base.find_base(params, inputs, ctx)
    tokenizer, config = _base.load_tokenizer(base), _base.load_config(base)
    settle_template(tokenizer, params, ctx)
    length = usable_length(params.max_length, config, ctx)
    renderer = Renderer(
        tokenizer,
        params.prompt_format,
        params.system_prompt,
        params.completion_only_loss,
        params.last_answer_only,
    )

    def ready(rows: TokenRows, name: str) -> TokenRows:
        return packed(rows, length, ctx.scratch, name) if params.packing else rows

    data = load_data(inputs, renderer, length, params.validation_share, params.seed, ready, ctx)
    model = prepare_model(params, base, machine, len(tokenizer), ctx)
    job = Run(params, inputs, outputs, ctx, machine, base, tokenizer, model, data)
    flat = (params.packing or params.padding_free) and machine.attention == "flash_attention_2"
    if params.padding_free and not flat:
        ctx.log("padding_free needs FlashAttention; batches are padded.", level="warning")
    # The rows are tokenised already, so TRL has nothing to prepare.
    prepared = {"max_length": None, "dataset_kwargs": {"skip_prepare_dataset": True}}
    summary = fit(job, SFTTrainer, SFTConfig, FlatCollator if flat else Collator, **prepared)
    if is_first():
        _save(job, params, config, _card(params, length, summary))
        finish(ctx)


def _card(params: Params, length: int, summary: dict[str, Any]) -> dict[str, Any]:
    """What users of the model should know: how prompts were put to it."""
    return {
        "node": "train.sft",
        "method": params.method,
        "prompt_format": params.prompt_format,
        "system_prompt": params.system_prompt,
        "max_length": length,
        "steps": summary["steps"],
        "tokens": summary["tokens"],
    }


def _save(job: Any, params: Params, config: Any, card: dict[str, Any]) -> None:
    from nodes.train._saving import save_adapter, save_full

    if params.gives_adapter:
        save_adapter(job.model, job.tokenizer, job.outputs["model"], job.base, card)
    else:
        save_full(job.model, job.tokenizer, job.outputs["model"], params.save_dtype, config, card)


check = _results.check_training


def preview(outputs: Outputs) -> list[Block]:
    """The summary and the curve."""
    return _results.preview_training(outputs)
