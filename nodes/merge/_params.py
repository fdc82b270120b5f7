"""The parameters of merge.models, and which method reads which of them."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from nodegraph import Field, NodeParams

TASK_VECTORS = ["task_arithmetic", "ties", "dare_ties", "dare_linear"]
SPARSE = ["ties", "dare_ties", "dare_linear"]
DARE = ["dare_ties", "dare_linear"]


class Params(NodeParams):
    """How the models are merged."""

    method: Literal["linear", "slerp", "task_arithmetic", "ties", "dare_ties", "dare_linear"] = Field(
        "linear",
        title="Method",
        help="linear: weighted mean. slerp: along the arc between two models. task_arithmetic: adds the "
        "differences to a base. ties: keeps the largest differences that agree in sign. dare: drops "
        "differences at random and scales the rest up.",
    )
    weights: list[float] | None = Field(
        None,
        title="Weights",
        help="One number for each model, in the order of the input; equal where empty.",
        shown={"method": ["linear", *TASK_VECTORS]},
        min_length=1,
    )
    t: float = Field(
        0.5,
        title="Position between the two",
        help="0 gives the first model, 1 the second.",
        shown={"method": ["slerp"]},
        widget="slider",
        ge=0,
        le=1,
    )
    density: float = Field(
        0.5,
        title="Density",
        help="Share of each model's differences from the base that is kept.",
        shown={"method": SPARSE},
        widget="slider",
        gt=0,
        le=1,
    )
    normalize: bool | None = Field(
        None,
        title="Normalise weights",
        help="Divide by the sum of the weights. Where empty: yes for linear and ties, no for the others.",
        group="Advanced",
        shown={"method": ["linear", *TASK_VECTORS]},
    )
    scale: float = Field(
        1.0,
        title="Scale of the change",
        help="Factor on the merged difference before it is added to the base; λ in the papers.",
        group="Advanced",
        shown={"method": TASK_VECTORS},
    )
    rescale: bool = Field(
        True,
        title="Rescale after dropping",
        help="Keep the size of each difference although parts of it were dropped.",
        group="Advanced",
        shown={"method": DARE},
    )
    int8_mask: bool = Field(
        False,
        title="Masks in 8 bits",
        help="Takes less memory while signs are compared.",
        group="Advanced",
        shown={"method": TASK_VECTORS},
    )
    tokenizer: Literal["first", "base"] = Field(
        "first",
        title="Tokenizer and chat template from",
        help="Vocabularies are the same; chat template and generation settings may differ.",
        group="Advanced",
    )
    save_dtype: Literal["auto", "fp32", "bf16", "fp16"] = Field(
        "auto",
        title="Weights when saved",
        help="auto: as the first model is stored. The arithmetic is done in fp32.",
        group="Advanced",
    )
    seed: int = Field(
        0,
        title="Seed",
        help="For what DARE drops.",
        group="Advanced",
        shown={"method": DARE},
        ge=0,
        le=2**32 - 1,
    )

    @model_validator(mode="after")
    def _fits_the_method(self) -> Params:
        if self.weights and self.method == "slerp":
            raise ValueError("slerp has no weights; set t, 0 for the first model and 1 for the second")
        if (
            self.weights
            and self.method == "linear"
            and self.normalize is not False
            and sum(self.weights) == 0
        ):
            raise ValueError(
                "the weights add up to 0, so there is no mean; change them or set normalize to false"
            )
        return self
