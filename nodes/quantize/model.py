"""Store a model in 8, 4 or 16 bits, and measure what that saves and what it costs.

An adapter is merged into its base first. Whatever the method, the model is saved before it computes anything
(bitsandbytes rearranges 4-bit weights in a forward pass, and what is saved afterwards loads wrong), is loaded
again from what was saved, and must then say the same as before.
"""

from __future__ import annotations

import gc
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodegraph import Context, Inputs, NodeFailure, NodeType, Outputs, Port, Resources
from nodes.common.metrics import read_indicators, write_indicator
from nodes.common.models import read_card, write_card
from nodes.common.preview import Block, table
from nodes.quantize._likeness import difference_of, logits_of
from nodes.quantize._loading import full_weights, load, load_tokenizer
from nodes.quantize._options import options_for
from nodes.quantize._params import Params
from nodes.quantize._perplexity import Batch, batches_of, perplexity
from nodes.quantize._texts import texts_for

MB = 1e6

NODE = NodeType(
    title="Quantise a model",
    category="quantize",
    params=Params,
    environment="quantize",
    inputs={
        "model": Port("model", help="Full weights, or an adapter, which is merged into its base first"),
        "dataset": Port("dataset", optional=True, help="Texts on which perplexity is measured"),
    },
    outputs={"model": Port("model"), "metrics": Port("metrics")},
    resources=Resources(cpu=2, memory_gb=16),
)


@dataclass
class _Steps:
    """Counts the steps of the whole node, so that time left can be told."""

    ctx: Context
    total: int
    done: int = 0
    doing: str = ""

    def begin(self, doing: str) -> None:
        self.doing = doing
        self.ctx.progress(self.done, self.total, "steps", doing)

    def step(self) -> None:
        self.done += 1
        self.ctx.progress(self.done, self.total, "steps", self.doing)


def run(params: Params, inputs: Inputs, outputs: Outputs, ctx: Context) -> None:
    """Measure, quantise, save, load again, compare, measure."""
    source = full_weights(inputs["model"], ctx)
    tokenizer = load_tokenizer(source)
    texts = texts_for(inputs.get("dataset"), params.limit, tokenizer)
    whole = load(source)
    options, parameters = options_for(params, whole, ctx), whole.num_parameters()
    longest = min(params.max_length, getattr(whole.config, "max_position_embeddings", params.max_length))
    batches = batches_of(texts, tokenizer, longest, params.batch_size)
    steps = _Steps(ctx, total=2 * len(batches) + 3)
    steps.begin("measuring the model as it is")
    before = perplexity(whole, batches, steps.step)
    del whole
    _free()

    said = _quantise(source, options, outputs["model"], batches[-1], steps)
    tokenizer.save_pretrained(outputs["model"])
    steps.begin("loading it again")
    reloaded = load(outputs["model"])
    difference = difference_of(said, logits_of(reloaded, batches[-1]))
    steps.step()
    steps.begin("measuring the quantised model")
    after = perplexity(reloaded, batches, steps.step)

    sizes = size_mb(source), size_mb(outputs["model"])
    _report(params, sizes, (before, after), difference, len(texts), outputs["metrics"], ctx)
    _write_card(params, inputs, parameters, outputs["model"])


def _quantise(source: Path, options: dict[str, Any], directory: Path, batch: Batch, steps: _Steps) -> Any:
    """Save the quantised model, and only then let it compute: what it says to a batch."""
    steps.begin("quantising")
    model = load(source, **options)
    steps.step()
    steps.begin("saving")
    model.save_pretrained(directory)
    steps.step()
    said = logits_of(model, batch)
    del model
    _free()
    return said


def _report(
    params: Params,
    sizes: tuple[float, float],
    perplexities: tuple[float, float],
    difference: float,
    texts: int,
    directory: Path,
    ctx: Context,
) -> None:
    found = {
        "size_before_mb": round(sizes[0], 3),
        "size_after_mb": round(sizes[1], 3),
        "ratio": round(sizes[0] / sizes[1], 3),
        "perplexity_before": perplexities[0],
        "perplexity_after": perplexities[1],
        "reload_difference": difference,
    }
    write_indicator(directory, "quantization", method=params.method, **found, texts=texts)
    for name, value in found.items():
        ctx.metric(name, value)
    ctx.log(
        f"{params.method}: {sizes[0]:.4g} MB became {sizes[1]:.4g} MB, "
        f"perplexity {perplexities[0]:.2f} became {perplexities[1]:.2f}."
    )
    if found["ratio"] <= 1:
        ctx.log("The model did not get smaller: it was stored in no more bits before.", level="warning")


def _write_card(params: Params, inputs: Inputs, parameters: int, directory: Path) -> None:
    card, artifact = read_card(inputs["model"]), inputs.artifact("model")
    config = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    step = {"node": "quantize.model", "method": params.method, "input": artifact.digest if artifact else None}
    write_card(
        directory,
        kind="model",
        architecture=config.get("model_type"),
        parameters=parameters,
        base=None,
        requires=[],
        training=card.get("training"),
        lineage=[*card.get("lineage", []), step],
    )


def size_mb(directory: Path) -> float:
    """What a model's weights take on disk, in MB of a million bytes."""
    return sum(path.stat().st_size for path in directory.glob("*.safetensors")) / MB


def _free() -> None:
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def check(outputs: Outputs) -> None:
    """Weights, tokenizer, card and measurements are there."""
    directory = outputs["model"]
    missing = [
        name
        for name in ("config.json", "tokenizer_config.json", "card.json")
        if not (directory / name).is_file()
    ]
    if not size_mb(directory):
        missing.append("weights")
    if missing or "quantization" not in read_indicators(outputs["metrics"]):
        raise NodeFailure("node", f"The result is incomplete: {', '.join(missing) or 'no metrics'}.")


def preview(outputs: Outputs) -> list[Block]:
    """Size and perplexity, before and after."""
    found = read_indicators(outputs["metrics"])["quantization"]
    rows = [
        ["size on disk, MB", found["size_before_mb"], found["size_after_mb"]],
        ["perplexity", found["perplexity_before"], found["perplexity_after"]],
    ]
    return [table(f"Quantised to {found['method']}", ["", "before", "after"], rows)]
