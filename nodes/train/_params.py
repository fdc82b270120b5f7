"""The parameters that all training nodes share, by group; a node type inherits and adds its own."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from nodegraph import Field, NodeParams

Interval = Literal["auto", "epoch", "steps", "never"]
Scheduler = Literal[
    "linear", "cosine", "cosine_with_min_lr", "cosine_with_restarts", "constant", "constant_with_warmup",
    "polynomial", "inverse_sqrt", "warmup_stable_decay",
]  # fmt: skip
Optimizer = Literal[
    "adamw", "adamw_8bit", "paged_adamw", "paged_adamw_8bit", "adafactor", "sgd", "lion", "lion_8bit",
    "rmsprop", "adagrad",
]  # fmt: skip
Precision = Literal["auto", "fp32", "bf16", "fp16"]


class BasicParams(NodeParams):
    """What nearly everyone sets."""

    base_model: str = Field(
        "", title="Base model", widget="model",
        help="A local folder or a hub id such as Qwen/Qwen2.5-0.5B-Instruct. A wired model wins over it.",
    )  # fmt: skip
    epochs: float = Field(3, title="Epochs", help="Passes over the dataset.", gt=0, le=10_000)
    max_steps: int | None = Field(
        None, title="Steps", help="Where set, the run ends after this many steps, whatever epochs says.", ge=1
    )
    learning_rate: float = Field(1e-4, title="Learning rate", gt=0, le=1)
    batch_size: int = Field(8, title="Batch size", help="Rows per step and GPU.", ge=1, le=65_536)
    max_length: int = Field(
        1024, title="Maximum length", unit="tokens", ge=4, le=1_048_576,
        help="Longer texts are cut. Never more than the model has positions for.",
    )  # fmt: skip
    seed: int = Field(42, title="Seed", ge=0, le=2**32 - 1)


class OptimizerParams(NodeParams):
    """How weights follow gradients."""

    optimizer: Optimizer = Field("adamw", title="Optimiser", group="Optimiser")
    gradient_accumulation: int = Field(
        1, title="Gradient accumulation", group="Optimiser", ge=1, le=65_536,
        help="Batches whose gradients are added up before a step: a larger batch in the same memory.",
    )  # fmt: skip
    weight_decay: float = Field(0.0, title="Weight decay", group="Optimiser", ge=0, le=1)
    max_grad_norm: float = Field(
        1.0, title="Gradient clipping", help="0 does not clip.", group="Optimiser", ge=0
    )
    adam_beta1: float = Field(0.9, title="Adam beta 1", group="Optimiser", ge=0, lt=1)
    adam_beta2: float = Field(0.999, title="Adam beta 2", group="Optimiser", ge=0, lt=1)
    adam_epsilon: float = Field(1e-8, title="Adam epsilon", group="Optimiser", gt=0, le=0.1)
    label_smoothing: float = Field(0.0, title="Label smoothing", group="Optimiser", ge=0, lt=1)
    neftune_alpha: float = Field(
        0.0, title="NEFTune alpha", group="Optimiser", ge=0, le=100,
        help="Noise on the embeddings while training; 5 is usual, 0 is off.",
    )  # fmt: skip


class ScheduleParams(NodeParams):
    """How the learning rate moves."""

    scheduler: Scheduler = Field("cosine", title="Schedule", group="Schedule")
    warmup: float = Field(
        0.03, title="Warm-up", group="Schedule", ge=0,
        help="Below 1: a share of all steps. From 1: a number of steps.",
    )  # fmt: skip
    min_learning_rate: float = Field(
        0.0, title="Lowest learning rate", group="Schedule", ge=0,
        shown={"scheduler": ["cosine_with_min_lr", "polynomial", "warmup_stable_decay"]},
    )  # fmt: skip
    cycles: int = Field(
        1, title="Restarts", group="Schedule", ge=1, le=1000, shown={"scheduler": ["cosine_with_restarts"]}
    )
    power: float = Field(
        1.0, title="Power", group="Schedule", gt=0, le=10, shown={"scheduler": ["polynomial"]}
    )
    decay: float = Field(
        0.2, title="Decay", help="Share of the steps in which the rate falls.", group="Schedule", gt=0, lt=1,
        shown={"scheduler": ["warmup_stable_decay"]},
    )  # fmt: skip


class DataParams(NodeParams):
    """How rows become batches."""

    sampling: Literal["random", "sequential", "group_by_length"] = Field(
        "random", title="Order of rows", group="Data",
        help="By length: rows of like length share a batch, which saves padding.",
    )  # fmt: skip
    validation_share: float = Field(
        0.0, title="Held back for validation", group="Data", ge=0, lt=1,
        help="Where no validation dataset is wired, this share of the dataset is kept out of training.",
    )  # fmt: skip
    dataloader_workers: int = Field(0, title="Loader processes", group="Data", ge=0, le=64)


class EvaluationParams(NodeParams):
    """When to evaluate, when to save, when to stop."""

    eval_every: Interval = Field(
        "auto", title="Evaluate every", group="Evaluation",
        help="Needs a validation dataset. Auto: after each epoch, or ten times a run where epochs are long.",
    )  # fmt: skip
    eval_steps: int = Field(
        100,
        title="Evaluation interval",
        unit="steps",
        group="Evaluation",
        ge=1,
        shown={"eval_every": ["steps"]},
    )
    eval_batch_size: int | None = Field(
        None, title="Evaluation batch size", help="Empty: the batch size.", group="Evaluation", ge=1
    )
    keep_best: bool = Field(
        True, title="Keep the best checkpoint", group="Evaluation",
        help="The result is the model with the lowest evaluation loss, not the last one.",
    )  # fmt: skip
    early_stopping: int = Field(
        0, title="Stop early after", unit="evaluations", group="Evaluation", ge=0,
        help="Ends the run after this many evaluations without a lower loss; 0 never does.",
    )  # fmt: skip
    early_stopping_threshold: float = Field(
        0.0,
        title="Smallest gain",
        help="A smaller fall of the loss counts as none.",
        group="Evaluation",
        ge=0,
    )
    save_every: Interval = Field(
        "auto", title="Save every", group="Evaluation",
        help="Checkpoints let a retry go on where the run broke. Auto: by time, so that saving costs little.",
    )  # fmt: skip
    save_steps: int = Field(
        500, title="Save interval", unit="steps", group="Evaluation", ge=1, shown={"save_every": ["steps"]}
    )
    save_total_limit: int = Field(
        2, title="Checkpoints kept", help="The best one counts apart.", group="Evaluation", ge=1, le=100
    )


class AdvancedParams(NodeParams):
    """What suits the machine."""

    precision: Precision = Field(
        "auto", title="Precision", group="Advanced", help="Auto: bf16 on GPUs that have it, fp32 on a CPU."
    )
    weights_dtype: Precision = Field(
        "auto", title="Weights while training", group="Advanced",
        help="Auto: fp32 where weights are trained, half precision for the frozen base of an adapter.",
    )  # fmt: skip
    save_dtype: Precision = Field(
        "auto", title="Weights when saved", group="Advanced", help="Auto: as the base model is stored."
    )
    gradient_checkpointing: Literal["auto", "on", "off"] = Field(
        "auto", title="Gradient checkpointing", group="Advanced",
        help="Less memory for a quarter more time. Auto: where the GPU would be too small without it.",
    )  # fmt: skip
    attention: Literal["auto", "sdpa", "eager", "flash_attention_2"] = Field(
        "auto",
        title="Attention",
        help="Auto: FlashAttention where it is installed, else SDPA.",
        group="Advanced",
    )
    torch_compile: bool = Field(False, title="Compile the model", group="Advanced")
    logging_steps: int | None = Field(
        None,
        title="Report every",
        unit="steps",
        help="Empty: about fifty times a run.",
        group="Advanced",
        ge=1,
    )


class TrainingParams(
    AdvancedParams, EvaluationParams, DataParams, ScheduleParams, OptimizerParams, BasicParams
):
    """All of them, with what must hold between them."""

    @model_validator(mode="after")
    def _settings_agree(self) -> TrainingParams:
        if self.early_stopping and self.eval_every == "never":
            raise ValueError("early_stopping needs evaluations, but eval_every is never")
        if self.min_learning_rate >= self.learning_rate:
            raise ValueError(
                f"min_learning_rate ({self.min_learning_rate:g}) must be below learning_rate "
                f"({self.learning_rate:g})"
            )
        return self
