"""Pretraining: a model learns to continue text."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from nodegraph import Context, Field, Inputs, NodeType, Outputs, Port, Resources
from nodes.common.preview import Block
from nodes.train import _results
from nodes.train._estimate import estimate_training
from nodes.train._failures import explained
from nodes.train._params import TrainingParams


class Params(TrainingParams):
    """Settings of a pretraining run."""

    learning_rate: float = Field(5e-4, title="Learning rate", gt=0, le=1)
    packing: bool = Field(
        True, title="Fill blocks", group="Data",
        help="Joins all texts into one stream and cuts it into blocks of the maximum length: no padding.",
    )  # fmt: skip
    prompt_format: Literal["auto", "chat", "plain"] = Field(
        "auto", title="Prompt format", group="Data",
        help="As text: auto puts conversations through the model's chat template and joins prompt and "
        "completion by a line break; chat uses the template for both; plain for neither.",
    )  # fmt: skip


NODE = NodeType(
    title="Pretrain",
    category="train",
    params=Params,
    environment="train",
    inputs={
        "model": Port("model", optional=True, help="Wins over base_model; an adapter is merged first"),
        "dataset": Port("dataset"),
        "validation": Port("dataset", optional=True),
    },
    outputs={"model": Port("model"), "metrics": Port("metrics")},
    resources=Resources(cpu=2, memory_gb=8),
    processes="per_gpu",
)


def estimate(params: Params, base: Path | None = None) -> dict[str, Any]:
    """Parameters and memory before the run, where the base model is on this machine."""
    return estimate_training(params, base, "full", 0, [], full_logits=True)


def run(params: Params, inputs: Inputs, outputs: Outputs, ctx: Context) -> None:
    """Train on blocks of text, then save the model."""
    with explained(params):
        _pretrain(params, inputs, outputs, ctx)


def _pretrain(params: Params, inputs: Inputs, outputs: Outputs, ctx: Context) -> None:
    from transformers import Trainer, TrainingArguments, set_seed

    from nodes.train import _base
    from nodes.train._batches import Collator
    from nodes.train._data import load_data
    from nodes.train._fit import Run, finish, fit
    from nodes.train._lengths import usable_length
    from nodes.train._machine import quiet, settle
    from nodes.train._ranks import is_first
    from nodes.train._render import Renderer
    from nodes.train._rows import TokenRows, blocks
    from nodes.train._saving import save_full

    quiet()
    set_seed(params.seed)
    machine = settle(params, ctx)
    base = _base.find_base(params, inputs, ctx)
    tokenizer, config = _base.load_tokenizer(base), _base.load_config(base)
    length = usable_length(params.max_length, config, ctx)
    renderer = Renderer(tokenizer, params.prompt_format, answers_only=False, separator="\n")

    def ready(rows: TokenRows, _: str) -> TokenRows:
        return blocks(rows, length) if params.packing else rows

    cut = None if params.packing else length
    data = load_data(inputs, renderer, cut, params.validation_share, params.seed, ready, ctx)
    dtype = "fp32" if params.weights_dtype == "auto" else params.weights_dtype
    model = _base.load_weights(base, machine, dtype)
    if base.adapter is not None:
        model = _base.merged(model, base.adapter, ctx)
    job = Run(params, inputs, outputs, ctx, machine, base, tokenizer, model, data, full_logits=True)
    summary = fit(job, Trainer, TrainingArguments, Collator)
    if not is_first():
        return
    card = {
        "node": "train.pretrain",
        "max_length": length,
        "steps": summary["steps"],
        "tokens": summary["tokens"],
    }
    save_full(job.model, tokenizer, outputs["model"], params.save_dtype, config, card)
    finish(ctx)


check = _results.check_training


def preview(outputs: Outputs) -> list[Block]:
    """The summary and the curve."""
    return _results.preview_training(outputs)
