"""What a training run leaves: history.jsonl, the indicator `training`, and how both are shown and checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nodegraph import Context, NodeFailure, Outputs
from nodes.common.metrics import read_indicators, write_indicator
from nodes.common.models import is_adapter
from nodes.common.preview import Block, chart, values
from nodes.train._checkpoints import is_whole

HISTORY = "history.jsonl"
_HEADLINES = (
    "train_loss", "eval_loss", "steps", "tokens", "tokens_per_second", "peak_memory_gb", "seconds",
    "parameters", "trainable_parameters",
)  # fmt: skip


def write_results(
    directory: Path, history: list[dict[str, Any]], summary: dict[str, Any], ctx: Context
) -> None:
    """Write the curve and the summary, and put the headline numbers on the node."""
    directory.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(entry, ensure_ascii=False) for entry in history)
    (directory / HISTORY).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    write_indicator(directory, "training", **summary)
    for name in _HEADLINES:
        if isinstance(summary.get(name), (int, float)):
            ctx.metric(name, summary[name])


def read_history(directory: Path) -> list[dict[str, Any]]:
    """The curve of a run, one entry a report."""
    lines = (directory / HISTORY).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def check_training(outputs: Outputs) -> None:
    """The model is whole and the summary is there."""
    check_model(outputs["model"])
    if "training" not in read_indicators(outputs["metrics"]):
        raise NodeFailure(
            "node", "The metrics of the training are missing.", "This is a bug in the node type."
        )


def check_model(directory: Path) -> None:
    """A model or adapter in Hugging Face's layout, weights complete, tokenizer and card beside it."""
    config = "adapter_config.json" if is_adapter(directory) else "config.json"
    missing = [
        name for name in (config, "tokenizer_config.json", "card.json") if not (directory / name).is_file()
    ]
    weights = list(directory.glob("*.safetensors"))
    missing += [path.name for path in weights if not is_whole(path)] or ([] if weights else ["weights"])
    if missing:
        raise NodeFailure(
            "node", f"The model is incomplete: {', '.join(missing)}.", "Run the node again; see its log."
        )


def preview_training(outputs: Outputs) -> list[Block]:
    """The summary and the curves of loss."""
    summary = read_indicators(outputs["metrics"])["training"]
    history = read_history(outputs["metrics"])
    curves = {
        name: ([entry["step"] for entry in entries], [entry[name] for entry in entries])
        for name in ("loss", "eval_loss")
        if (entries := [entry for entry in history if entry.get(name) is not None])
    }
    shown = {name: summary[name] for name in _HEADLINES if summary.get(name) is not None}
    return [values("Training", shown), *([chart("Loss", curves)] if curves else [])]
