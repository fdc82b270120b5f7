"""From our parameters to Hugging Face's TrainingArguments."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from nodes.train._machine import Machine
from nodes.train._params import TrainingParams

_OPTIMIZERS = {
    "adamw": "adamw_torch_fused", "paged_adamw": "paged_adamw_32bit", "lion": "lion_32bit",
}  # fmt: skip
_REPORTS = 50
_EVALUATIONS = 10
_LONG_EPOCHS = 20


def total_steps(params: TrainingParams, rows: int, processes: int = 1) -> int:
    """The steps of a run on so many rows."""
    return params.max_steps or math.ceil(params.epochs * steps_per_epoch(params, rows, processes))


def steps_per_epoch(params: TrainingParams, rows: int, processes: int = 1) -> int:
    """The steps of one pass; a last batch that is not full counts."""
    batches = math.ceil(rows / (params.batch_size * processes))
    return max(1, math.ceil(batches / params.gradient_accumulation))


def arguments(
    params: TrainingParams, machine: Machine, folder: Path, rows: int, evaluates: bool, checkpointing: bool
) -> dict[str, Any]:
    """Keyword arguments for TrainingArguments and for the classes made from it."""
    steps = total_steps(params, rows, machine.processes)
    return {
        "output_dir": str(folder),
        "num_train_epochs": float(params.epochs),
        "max_steps": params.max_steps or -1,
        "per_device_train_batch_size": params.batch_size,
        "per_device_eval_batch_size": params.eval_batch_size or params.batch_size,
        "gradient_accumulation_steps": params.gradient_accumulation,
        "seed": params.seed,
        "train_sampling_strategy": params.sampling,
        "length_column_name": "length",
        "remove_unused_columns": False,
        "dataloader_num_workers": params.dataloader_workers,
        "dataloader_pin_memory": machine.on_gpu,
        "use_cpu": not machine.on_gpu,
        "ddp_backend": None if machine.on_gpu or machine.processes == 1 else "gloo",
        # All that is trained takes part in each step.
        "ddp_find_unused_parameters": False if machine.processes > 1 else None,
        "bf16": machine.precision == "bf16",
        "fp16": machine.precision == "fp16",
        "activation_checkpointing": checkpointing,
        "torch_compile": params.torch_compile,
        "label_smoothing_factor": params.label_smoothing,
        "neftune_noise_alpha": params.neftune_alpha or None,
        "report_to": "none",
        "disable_tqdm": True,
        "log_level": "error",
        # A loss that is no number must be seen, not smoothed over.
        "logging_nan_inf_filter": False,
        "prediction_loss_only": True,
        **_optimizer(params),
        **_schedule(params, steps),
        **_intervals(params, steps, evaluates),
    }


def _optimizer(params: TrainingParams) -> dict[str, Any]:
    return {
        "optim": _OPTIMIZERS.get(params.optimizer, params.optimizer),
        "learning_rate": float(params.learning_rate),
        "weight_decay": float(params.weight_decay),
        "adam_beta1": float(params.adam_beta1),
        "adam_beta2": float(params.adam_beta2),
        "adam_epsilon": float(params.adam_epsilon),
        "max_grad_norm": float(params.max_grad_norm),
    }


def _schedule(params: TrainingParams, steps: int) -> dict[str, Any]:
    floor = float(params.min_learning_rate)
    extra: dict[str, dict[str, Any]] = {
        "cosine_with_min_lr": {"min_lr": floor},
        "cosine_with_restarts": {"num_cycles": params.cycles},
        "polynomial": {"lr_end": floor or 1e-7 * params.learning_rate, "power": float(params.power)},
        "warmup_stable_decay": {
            "num_decay_steps": math.ceil(steps * params.decay),
            "min_lr_ratio": floor / params.learning_rate,
        },
    }
    return {
        "lr_scheduler_type": params.scheduler,
        "lr_scheduler_kwargs": extra.get(params.scheduler),
        "warmup_steps": float(params.warmup) if params.warmup < 1 else math.floor(params.warmup),
    }


def _intervals(params: TrainingParams, steps: int, evaluates: bool) -> dict[str, Any]:
    """When to report and to evaluate. The callback saves by interval, the trainer the best model."""
    evaluates = evaluates and params.eval_every != "never"
    best = evaluates and params.keep_best
    chosen: dict[str, Any] = {
        "logging_steps": params.logging_steps or max(1, min(10, steps // _REPORTS)),
        "eval_strategy": "no",
        "save_strategy": "best" if best else "no",
        "load_best_model_at_end": best,
        "metric_for_best_model": "eval_loss" if evaluates else None,
        "greater_is_better": False,
        "save_total_limit": params.save_total_limit,
    }
    if not evaluates:
        return chosen
    by_epoch = params.max_steps is None and 2 <= params.epochs <= _LONG_EPOCHS
    if params.eval_every == "epoch" or (params.eval_every == "auto" and by_epoch):
        return chosen | {"eval_strategy": "epoch"}
    every = params.eval_steps if params.eval_every == "steps" else math.ceil(steps / _EVALUATIONS)
    return chosen | {"eval_strategy": "steps", "eval_steps": every}
