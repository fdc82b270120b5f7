"""Parameters and memory of a training run before it starts: arithmetic on config.json, no torch."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodes.train._params import TrainingParams
from nodes.train._sizes import DTYPE_BYTES, Shape, shape_of

_STATE_BYTES = {
    "adamw": 8, "paged_adamw": 8, "adamw_8bit": 2, "paged_adamw_8bit": 2, "lion": 4, "lion_8bit": 1,
    "rmsprop": 4, "adagrad": 4, "adafactor": 0.1, "sgd": 0,
}  # fmt: skip
_PROCESS_GB = 0.6
GB = 1e9


@dataclass(frozen=True)
class Plan:
    """What the memory of a run depends on besides its parameters."""

    parameters: int
    trainable: int
    weight_bytes: float
    half_precision: bool
    checkpointing: bool
    full_logits: bool


def memory_gb(plan: Plan, params: TrainingParams, shape: Shape | None) -> float:
    """Weights, gradients, optimiser state and activations, and what the process takes by itself."""
    trained = plan.trainable * (4 + _STATE_BYTES[params.optimizer])
    weights = plan.parameters * plan.weight_bytes
    if plan.half_precision and plan.weight_bytes == 4:
        weights += 2 * plan.parameters
    return (weights + trained + _activations(plan, params, shape)) / GB + _PROCESS_GB


def _activations(plan: Plan, params: TrainingParams, shape: Shape | None) -> float:
    if shape is None:
        return 0.0
    tokens = params.batch_size * params.max_length
    size = 2 if plan.half_precision else 4
    layer = size * (10 * shape.hidden_size + 4 * shape.intermediate_size) + 8 * shape.hidden_size
    kept = size * shape.hidden_size * shape.layers + layer if plan.checkpointing else layer * shape.layers
    logits = shape.vocab_size * (8 + size) if plan.full_logits else 8 * shape.hidden_size
    return float(tokens * (kept + logits))


def estimate_training(
    params: TrainingParams, base: Path | None, method: str, rank: int, targets: list[str], full_logits: bool
) -> dict[str, Any]:
    """What can be said of a run from its parameters and, where it lies on this machine, its base model."""
    folder = base or (Path(params.base_model).expanduser() if params.base_model else None)
    if folder is None or not (folder / "config.json").is_file():
        note = (
            "Known once the base model is on this machine."
            if params.base_model
            else "Depends on the wired model."
        )
        return {"parameters": None, "trainable": None, "memory_gb": None, "notes": [note]}
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    shape = shape_of(config)
    parameters = stored_parameters(folder) or (shape.parameters if shape else None)
    if parameters is None:
        return {
            "parameters": None,
            "trainable": None,
            "memory_gb": None,
            "notes": ["The base model is unusual."],
        }
    trainable = _trainable(parameters, shape, method, rank, targets)
    notes = ["Assumes full batches at maximum length."]
    half = params.precision in ("auto", "bf16", "fp16")
    if params.precision == "auto":
        notes.append("Counts on a GPU with bf16; in fp32 activations take twice as much.")
    adapter = method in ("lora", "qlora", "dora")
    weight = 0.55 if method == "qlora" else 2 if adapter and half else 4
    if params.weights_dtype != "auto" and method != "qlora":
        weight = DTYPE_BYTES[params.weights_dtype]
    plan = Plan(
        parameters + (trainable if adapter else 0), trainable, weight, half,
        params.gradient_checkpointing == "on", full_logits,
    )  # fmt: skip
    return {
        "parameters": plan.parameters,
        "trainable": trainable,
        "memory_gb": round(memory_gb(plan, params, shape), 2),
        "notes": notes,
    }


def stored_parameters(folder: Path) -> int | None:
    """The exact number of weights in a folder's safetensors files, read from their headers."""
    files = sorted(folder.glob("model*.safetensors"))
    count = 0
    for path in files:
        with path.open("rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        count += sum(math.prod(entry["shape"]) for name, entry in header.items() if name != "__metadata__")
    return count if files else None


def _trainable(parameters: int, shape: Shape | None, method: str, rank: int, targets: list[str]) -> int:
    if method == "full":
        return parameters
    if shape is None:
        return 0
    if method == "freeze":
        return min(rank, shape.layers) * shape.layer
    return shape.adapter(rank, targets, dora=method == "dora")
