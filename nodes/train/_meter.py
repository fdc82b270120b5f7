"""Counts tokens, time and memory while a trainer runs, and reports them as live metrics and progress."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nodegraph import Context
from nodes.train._failures import no_number
from nodes.train._machine import Machine, peak_memory_gb

_LIVE = ("loss", "eval_loss", "learning_rate", "grad_norm", "tokens_per_second", "memory_gb", "epoch")
_PROGRESS_SECONDS = 0.3


class Meter:
    """What a run has used so far. Evaluations and checkpoints do not count as training time."""

    def __init__(self, ctx: Context, machine: Machine, learning_rate: float) -> None:
        self._ctx = ctx
        self._machine = machine
        self._learning_rate = learning_rate
        self._counted: Any = 0
        self._tokens_before = 0
        self._seconds_before = 0.0
        self._started = time.perf_counter()
        self._idle = 0.0
        self._last = (0, 0.0)
        self._last_progress = 0.0
        self.save_seconds = 0.0

    def start(self, history: list[dict[str, Any]]) -> None:
        """Begin now, after what an earlier attempt has reported."""
        counts = [entry for entry in history if "tokens" in entry]
        if counts:
            self._tokens_before = counts[-1]["tokens"]
            self._seconds_before = counts[-1]["seconds"]
        self._started = time.perf_counter()

    def count(self, inputs: dict[str, Any]) -> None:
        """Add a batch. On a GPU the sum stays there: reading it would make the host wait at each step."""
        mask = inputs.get("attention_mask")
        self._counted = self._counted + (inputs["input_ids"].numel() if mask is None else mask.sum())

    @contextmanager
    def idle(self, saving: bool = False) -> Iterator[None]:
        """What happens inside is no training."""
        started = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - started
            self._idle += spent
            if saving:
                self.save_seconds = spent

    @property
    def tokens(self) -> int:
        """Tokens trained on, in all processes, padding left out."""
        return self._tokens_before + int(self._counted) * self._machine.processes

    @property
    def seconds(self) -> float:
        """Seconds of training."""
        return self._seconds_before + time.perf_counter() - self._started - self._idle

    @property
    def tokens_per_second(self) -> float:
        """Over the whole run so far."""
        return self.tokens / self.seconds if self.seconds > 0 else 0.0

    def enrich(self, logs: dict[str, float]) -> dict[str, float]:
        """The trainer's report of some steps, with tokens, speed and memory added."""
        if "loss" not in logs:
            return logs
        tokens, seconds = self.tokens, self.seconds
        before, then = self._last if self._last[1] else (self._tokens_before, self._seconds_before)
        self._last = (tokens, seconds)
        speed = (tokens - before) / (seconds - then) if seconds > then else 0.0
        return {
            **logs,
            "tokens": tokens,
            "seconds": round(seconds, 3),
            "tokens_per_second": round(speed, 1),
            "memory_gb": round(peak_memory_gb(self._machine), 3),
        }

    def report(self, entry: dict[str, Any], step: int) -> None:
        """Send a report on; stop the run where the loss is no number."""
        for name in ("loss", "grad_norm", "eval_loss"):
            if name in entry and not math.isfinite(entry[name]):
                # With fp16 the scaler skips steps whose gradients overflow; only a lost loss is final.
                if name == "grad_norm" and self._machine.precision == "fp16":
                    continue
                raise no_number(name.replace("_", " "), step, self._learning_rate)
        for name in _LIVE:
            if name in entry and (name != "epoch" or "loss" in entry):
                self._ctx.metric(name, float(entry[name]), step)

    def progress(self, step: int, total: int) -> None:
        """Say how far the run is, a few times a second at most."""
        now = time.perf_counter()
        if now - self._last_progress >= _PROGRESS_SECONDS or step >= total:
            self._last_progress = now
            self._ctx.progress(step, total, "steps")
