"""What an inference engine offers to evaluate.text: answers, likelihoods, and how much memory they took."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from nodes.common.examples import Example


@dataclass(frozen=True)
class Loading:
    """How a model is loaded; lengths in tokens, `max_length` 0 for what the model was made for."""

    device: str = "auto"
    precision: str = "auto"
    attention: str = "auto"
    max_length: int = 0
    template_options: dict[str, Any] | None = None


@dataclass(frozen=True)
class Sampling:
    """How answers are generated; temperature 0 is greedy."""

    max_new_tokens: int
    batch_size: int
    temperature: float = 0.0
    top_p: float = 1.0
    repetition_penalty: float = 1.0
    stop: tuple[str, ...] = ()
    seed: int = 0
    warm_up: bool = True


@dataclass(frozen=True)
class Answer:
    """One generated answer; `seconds` is how long its caller waited."""

    text: str
    new_tokens: int
    seconds: float
    finished: bool
    cut_tokens: int = 0


@dataclass(frozen=True)
class Answers:
    """All answers, in the order of the questions, and the time they took together."""

    answers: list[Answer]
    seconds: float


@dataclass(frozen=True)
class Likelihood:
    """The summed negative log-likelihood of a reference in nats, over `tokens` tokens."""

    nll: float
    tokens: int


class Engine(Protocol):
    """An engine batches and schedules as it sees fit; results come back in the order of the examples."""

    @property
    def device(self) -> str:
        """Where it runs, in words."""

    def generate(
        self, examples: Sequence[Example], sampling: Sampling, on_batch: Callable[[dict[int, Answer]], None]
    ) -> Answers:
        """Answer each example's prompt; `on_batch` is told what has just been answered, by index."""

    def likelihood(
        self, examples: Sequence[Example], batch_size: int, stride: int, on_batch: Callable[[int], None]
    ) -> list[Likelihood]:
        """How likely each example's reference is after its prompt; `on_batch` is told how many are done."""

    def peak_memory(self) -> dict[str, Any]:
        """The peak so far: {peak_mb, device}."""
