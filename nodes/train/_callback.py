"""Joins a Hugging Face trainer to the node: reports, checkpoints by time, early stopping."""

from __future__ import annotations

import time
from typing import Any

from nodegraph import Context
from nodes.train._meter import Meter
from nodes.train._params import TrainingParams

_SAVE_SECONDS = 30.0
_SAVE_COST = 20.0
_STEPS_WITHOUT_CLOCK = 200


class Saving:
    """Decides after which steps to save. By time, a checkpoint costs a twentieth of the run at most."""

    def __init__(self, params: TrainingParams, meter: Meter, ctx: Context, processes: int) -> None:
        self._params = params
        self._meter = meter
        self._ctx = ctx
        self._processes = processes
        self._last = time.monotonic()
        self._before_deadline = False

    def due(self, step: int) -> bool:
        """Whether to save after this step."""
        if self._params.save_every == "never":
            return False
        if self._params.save_every == "steps":
            return step % self._params.save_steps == 0
        if self._params.save_every == "epoch":
            return False
        if self._processes > 1:
            # The clocks of several processes differ, and all of them must save together.
            return step % _STEPS_WITHOUT_CLOCK == 0
        return self._time_is_up() or time.monotonic() - self._last >= max(
            _SAVE_SECONDS, _SAVE_COST * self._meter.save_seconds
        )

    def done(self) -> None:
        """A checkpoint was written."""
        self._last = time.monotonic()

    def _time_is_up(self) -> bool:
        """Once, shortly before the node's timeout, so that a retry loses nothing."""
        left = self._ctx.seconds_left()
        if left is None or self._before_deadline or left > 10 + 3 * self._meter.save_seconds:
            return False
        self._before_deadline = True
        return True


def without_gain(losses: list[float], threshold: float) -> int:
    """How many evaluations in a row have not lowered the loss by more than `threshold`."""
    best, count = float("inf"), 0
    for loss in losses:
        if loss < best - threshold:
            best, count = loss, 0
        else:
            count += 1
    return count


def make_callback(params: TrainingParams, meter: Meter, saving: Saving, ctx: Context) -> Any:
    """The callback, whose class needs transformers."""
    from transformers import TrainerCallback

    class NodeCallback(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            meter.progress(state.global_step, state.max_steps)
            if saving.due(state.global_step):
                control.should_save = True
            # What is saved or measured is also reported, so that a retry continues the curve unbroken.
            if control.should_save or control.should_evaluate or control.should_training_stop:
                control.should_log = True

        def on_epoch_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if params.save_every == "epoch":
                control.should_save = True
            if control.should_save or control.should_evaluate:
                control.should_log = True

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            saving.done()

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            meter.report(state.log_history[-1], state.global_step)

        def on_evaluate(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            losses = [entry["eval_loss"] for entry in state.log_history if "eval_loss" in entry]
            count = without_gain(losses, params.early_stopping_threshold)
            if params.early_stopping and count >= params.early_stopping:
                ctx.log(f"Stopped after step {state.global_step}: {count} evaluations without a lower loss.")
                control.should_training_stop = True

    return NodeCallback()


def instrumented(trainer: type, meter: Meter, plain_loss: bool) -> type:
    """A trainer class that counts and times; it writes no model card and sends nothing anywhere.

    With `plain_loss` the model computes its own loss: on a CPU that is nearly twice as fast as TRL's loss in
    chunks, which saves memory on a GPU.
    """
    from transformers import Trainer

    class NodeTrainer(trainer):  # type: ignore[misc]
        def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> Any:
            meter.count(inputs)
            return super().training_step(model, inputs, num_items_in_batch)

        def compute_loss(self, *args: Any, **kwargs: Any) -> Any:
            return (
                Trainer.compute_loss(self, *args, **kwargs)
                if plain_loss
                else super().compute_loss(*args, **kwargs)
            )

        def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
            super().log(meter.enrich(logs), start_time)

        def _evaluate(self, *args: Any, **kwargs: Any) -> Any:
            with meter.idle():
                return super()._evaluate(*args, **kwargs)

        def _save_checkpoint(self, *args: Any, **kwargs: Any) -> None:
            with meter.idle(saving=True):
                super()._save_checkpoint(*args, **kwargs)

        def create_model_card(self, *args: Any, **kwargs: Any) -> None:
            pass

        def _send_telemetry(self, *args: Any, **kwargs: Any) -> None:
            pass

    NodeTrainer.__name__ = trainer.__name__
    return NodeTrainer
