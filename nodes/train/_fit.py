"""Runs a trainer: the part that pretraining and fine-tuning have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nodegraph import Context, Inputs, Outputs
from nodes.train import _checkpoints, _ranks
from nodes.train._arguments import arguments, total_steps
from nodes.train._base import Base
from nodes.train._callback import Saving, instrumented, make_callback
from nodes.train._data import Data
from nodes.train._estimate import Plan, memory_gb
from nodes.train._machine import Machine, free_memory_gb, peak_memory_gb, reset_peak
from nodes.train._meter import Meter
from nodes.train._params import TrainingParams
from nodes.train._results import write_results
from nodes.train._sizes import shape_of

_ROOM = 0.8


@dataclass
class Run:
    """Everything that one run trains with."""

    params: TrainingParams
    inputs: Inputs
    outputs: Outputs
    ctx: Context
    machine: Machine
    base: Base
    tokenizer: Any
    model: Any
    data: Data
    full_logits: bool = False
    notes: dict[str, Any] = field(default_factory=dict)


def fit(
    run: Run, trainer_class: type, make_arguments: Callable[..., Any], collator: type, **extra: Any
) -> dict[str, Any]:
    """Train, resuming where an earlier attempt broke; writes the metrics and answers the summary."""
    params, ctx, data = run.params, run.ctx, run.data
    folder, resume = _folders(run)
    args = make_arguments(
        **arguments(
            params, run.machine, folder, len(data.train), data.validation is not None, _announce(run)
        ),
        **extra,
    )
    if args.n_gpu > 1:
        args._n_gpu = 1
    meter = Meter(ctx, run.machine, params.learning_rate)
    saving = Saving(params, meter, ctx, run.machine.processes)
    parts = {"train": data.train} | ({"validation": data.validation} if data.validation else {})
    trainer = instrumented(trainer_class, meter, plain_loss=not run.machine.on_gpu)(
        model=run.model,
        args=args,
        data_collator=collator(parts, run.tokenizer.pad_token_id),
        train_dataset=data.train.index("train"),
        eval_dataset=data.validation.index("validation") if data.validation else None,
        processing_class=run.tokenizer,
        callbacks=[make_callback(params, meter, saving, ctx)],
    )
    _drop_printing(trainer)
    if resume is not None:
        ctx.log(f"Going on from {resume.name}.")
    reset_peak(run.machine)
    meter.start(_history_at(resume))
    trainer.train(resume_from_checkpoint=str(resume) if resume else None)
    run.model = trainer.model
    summary = _summary(run, trainer.state, meter)
    if _ranks.is_first():
        write_results(run.outputs["metrics"], _history(trainer.state), summary, ctx)
    return summary


def finish(ctx: Context) -> None:
    """Remove the checkpoints: the result is saved, nothing is left to resume."""
    _checkpoints.remove(ctx.resume / "checkpoints")


def _folders(run: Run) -> tuple[Path, Path | None]:
    """Where checkpoints lie, and the one that training goes on from."""

    def find() -> list[str | None]:
        folder = _checkpoints.open_folder(run.ctx, _settings(run))
        newest = _checkpoints.newest(folder, run.ctx)
        return [str(folder), str(newest) if newest else None]

    folder, newest = _ranks.shared(run.ctx, "checkpoints", find)
    return Path(folder), Path(newest) if newest else None


def _settings(run: Run) -> dict[str, Any]:
    digests = {port: artifact.digest for port in run.inputs if (artifact := run.inputs.artifact(port))}
    return {"params": run.params.model_dump(), "inputs": digests}


def _announce(run: Run) -> bool:
    """Say what the run takes; answers whether activations are to be recomputed to save memory."""
    params, machine = run.params, run.machine
    total, trainable = count_parameters(run.model)
    shape = shape_of(run.model.config.get_text_config().to_dict())
    size = sum(p.numel() * p.element_size() for p in run.model.parameters())
    half = machine.precision != "fp32"

    def memory(checkpointing: bool) -> float:
        plan = Plan(total, trainable, size / max(total, 1), half, checkpointing, run.full_logits)
        return memory_gb(plan, params, shape)

    free = free_memory_gb(machine)
    tight = machine.on_gpu and free is not None and memory(False) > _ROOM * (free + size / 1e9)
    checkpointing = params.gradient_checkpointing == "on" or (
        params.gradient_checkpointing == "auto" and tight
    )
    rows, steps = len(run.data.train), total_steps(params, len(run.data.train), machine.processes)
    run.ctx.log(
        f"{total:,} parameters, {trainable:,} of them trained; {rows:,} rows, "
        f"{run.data.train.tokens:,} tokens, {steps:,} steps; about {memory(checkpointing):.1f} GB; "
        f"{f'{machine.processes} × ' if machine.processes > 1 else ''}{machine.device}, "
        f"{machine.precision}, {machine.attention}" + (", gradient checkpointing." if checkpointing else ".")
    )
    return checkpointing


def count_parameters(model: Any) -> tuple[int, int]:
    """All parameters and the trained ones; four-bit weights count as the weights they stand for."""
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return model.num_parameters(), trained


def _drop_printing(trainer: Any) -> None:
    from transformers import PrinterCallback, ProgressCallback

    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)


def _history_at(checkpoint: Path | None) -> list[dict[str, Any]]:
    if checkpoint is None:
        return []
    import json

    state = json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
    return list(state["log_history"])


def _history(state: Any) -> list[dict[str, Any]]:
    return [entry for entry in state.log_history if "loss" in entry or "eval_loss" in entry]


def _summary(run: Run, state: Any, meter: Meter) -> dict[str, Any]:
    total, trainable = count_parameters(run.model)
    losses = [entry["loss"] for entry in state.log_history if "loss" in entry]
    evaluated = [entry["eval_loss"] for entry in state.log_history if "eval_loss" in entry]
    best = state.best_global_step if state.best_model_checkpoint else None
    return {
        "train_loss": losses[-1] if losses else None,
        "eval_loss": (state.best_metric if best else evaluated[-1]) if evaluated else None,
        "steps": state.global_step,
        "best_step": best,
        "epochs": round(state.epoch, 4),
        "tokens": meter.tokens,
        "tokens_per_second": round(meter.tokens_per_second, 1),
        "seconds": round(meter.seconds, 3),
        "peak_memory_gb": round(peak_memory_gb(run.machine), 3),
        "parameters": total,
        "trainable_parameters": trainable,
        "rows": len(run.data.train),
        "device": run.machine.device,
        "processes": run.machine.processes,
        "precision": run.machine.precision,
        "attention": run.machine.attention,
    }
