"""What is merged into what: the models in their order, the base, one weight for each model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nodegraph import Inputs, NodeFailure
from nodes.merge._compatible import Candidate
from nodes.merge._params import TASK_VECTORS, Params


@dataclass(frozen=True)
class Plan:
    """The inputs of a merge; `base` is None for a mean, and where the first model stands in for it."""

    models: Sequence[Candidate]
    base: Candidate | None
    weights: Sequence[float]

    @property
    def all(self) -> list[Candidate]:
        """Every input once, the base first."""
        return [*([self.base] if self.base else []), *self.models]


def plan_of(params: Params, inputs: Inputs) -> Plan:
    """Fail with category input where the inputs are not what the method takes."""
    models = [
        Candidate(f"model {place}", artifact.path, artifact.digest)
        for place, artifact in enumerate(inputs.artifacts("models"), start=1)
    ]
    wired = inputs.artifact("base")
    base = Candidate("the base", wired.path, wired.digest) if wired else None
    _require_count(params.method, models, base)
    return Plan(models, base, _weights(params, len(models), base))


def _require_count(method: str, models: Sequence[Candidate], base: Candidate | None) -> None:
    if method == "linear" and base:
        raise NodeFailure(
            "input",
            "The method linear takes no base, but one is wired.",
            "Wire it to models if it is part of the mean, or choose task_arithmetic.",
        )
    count = len(models) + (base is not None)
    if method == "slerp" and count != 2:
        raise NodeFailure(
            "input",
            f"The method slerp takes exactly two models, but {count} {'is' if count == 1 else 'are'} wired.",
            "Wire two models, or a base and one model; the method linear takes any number.",
        )
    if count < 2:
        raise NodeFailure(
            "input", "Only one model is wired; merging takes two or more.", "Wire another one to models."
        )


def _weights(params: Params, models: int, base: Candidate | None) -> list[float]:
    if params.weights is None:
        # Without a base the first model stands in for it, and brings no difference of its own.
        bringing = models - (params.method in TASK_VECTORS and base is None)
        return [1 / bringing] * models
    if len(params.weights) != models:
        raise NodeFailure(
            "input",
            f"weights has {len(params.weights)} numbers, but {models} models are wired to models.",
            "Give one weight for each of them, in their order, or leave weights empty for equal ones.",
        )
    return params.weights
