"""The parameters that fine-tuning adds: which weights are trained, and what is learned of a row."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from nodegraph import Field, NodeParams
from nodes.train._params import TrainingParams

ADAPTERS = ["lora", "qlora", "dora"]
_LORA = {"method": ADAPTERS}
_QLORA = {"method": ["qlora"]}
_FREEZE = {"method": ["freeze"]}


class MethodParams(NodeParams):
    """Which weights are trained."""

    method: Literal["full", "freeze", "lora", "qlora", "dora"] = Field(
        "full", title="Method",
        help="Full: all weights. Freeze: the last layers. LoRA, QLoRA, DoRA: an adapter beside them.",
    )  # fmt: skip
    lora_rank: int = Field(16, title="Rank", group="Method", ge=1, le=4096, shown=_LORA)
    lora_alpha: float = Field(32, title="Alpha", group="Method", gt=0, shown=_LORA)
    lora_dropout: float = Field(0.0, title="Dropout", group="Method", ge=0, lt=1, shown=_LORA)
    target_modules: list[str] = Field(
        ["all-linear"], title="Modules with an adapter", group="Method", min_length=1, shown=_LORA,
        help="Names such as q_proj; all-linear stands for every linear layer but the last.",
    )  # fmt: skip
    use_rslora: bool = Field(
        False, title="Rank-stabilised scaling", help="Suits high ranks.", group="Method", shown=_LORA
    )
    lora_bias: Literal["none", "all", "lora_only"] = Field(
        "none", title="Trained biases", group="Method", shown=_LORA
    )
    lora_init: Literal["default", "gaussian", "orthogonal"] = Field(
        "default", title="Initial weights", group="Method", shown=_LORA
    )
    modules_to_save: list[str] = Field(
        [], title="Modules trained in full", group="Method", shown=_LORA,
        help="Saved with the adapter, for instance embed_tokens and lm_head.",
    )  # fmt: skip
    quantization: Literal["nf4", "fp4"] = Field("nf4", title="Four-bit type", group="Method", shown=_QLORA)
    double_quantization: bool = Field(True, title="Double quantisation", group="Method", shown=_QLORA)
    freeze_layers: int = Field(2, title="Trained last layers", group="Method", ge=0, le=1000, shown=_FREEZE)
    freeze_modules: list[str] = Field(
        [],
        title="Modules in these layers",
        help="Empty: all. For instance mlp.",
        group="Method",
        shown=_FREEZE,
    )
    freeze_extra_modules: list[str] = Field(
        [], title="Further trained modules", group="Method", shown=_FREEZE,
        help="Outside the layers, for instance embed_tokens, norm or lm_head.",
    )  # fmt: skip


class RowParams(NodeParams):
    """What is learned of a row."""

    completion_only_loss: bool = Field(
        True, title="Learn answers only", group="Data",
        help="The loss counts completions and assistant turns; prompts are read, not learned.",
    )  # fmt: skip
    last_answer_only: bool = Field(
        False, title="Learn the last answer only", group="Data", help="In conversations of several turns."
    )
    prompt_format: Literal["auto", "chat", "plain"] = Field(
        "auto", title="Prompt format", group="Data",
        help="Auto: the chat template for conversations, and for plain prompts where there is a system "
        "prompt. evaluate.text reads this setting the same way.",
    )  # fmt: skip
    system_prompt: str = Field(
        "", title="System prompt", widget="textarea", group="Data",
        help="Begins each conversation that has none of its own.",
    )  # fmt: skip
    chat_template: Literal["auto", "chatml", "llama3", "plain", "custom"] = Field(
        "auto", title="Chat template", group="Data",
        help="Auto: the model's own, or one that suits its tokens. It is saved with the model.",
    )  # fmt: skip
    chat_template_text: str = Field(
        "",
        title="Own template",
        widget="code",
        help="Jinja.",
        group="Data",
        shown={"chat_template": ["custom"]},
    )
    new_tokens: list[str] = Field(
        [], title="New tokens", help="Added to the vocabulary, never split.", group="Data"
    )
    packing: bool = Field(
        False, title="Pack rows", group="Data",
        help="Several short rows share one of the maximum length; each still sees only itself.",
    )  # fmt: skip
    padding_free: bool = Field(
        False, title="Batches without padding", help="With FlashAttention only.", group="Data"
    )


class SftParams(RowParams, TrainingParams, MethodParams):
    """Settings of a fine-tuning run."""

    @property
    def gives_adapter(self) -> bool:
        """Whether the result is an adapter."""
        return self.method in ADAPTERS

    @model_validator(mode="after")
    def _something_is_trained(self) -> SftParams:
        if self.method == "freeze" and not self.freeze_layers and not self.freeze_extra_modules:
            raise ValueError("freeze trains nothing: set freeze_layers or freeze_extra_modules")
        return self

    @model_validator(mode="after")
    def _modules_can_be_adapted(self) -> SftParams:
        if self.gives_adapter and "lm_head" in self.target_modules:
            raise ValueError("lm_head cannot carry an adapter; name it in modules_to_save instead")
        return self

    @model_validator(mode="after")
    def _new_tokens_can_be_learned(self) -> SftParams:
        if not self.new_tokens or self.method == "full":
            return self
        if self.gives_adapter:
            raise ValueError(
                "new_tokens change the embedding, which an adapter cannot carry; use method full"
            )
        if not any("embed" in name for name in self.freeze_extra_modules):
            raise ValueError("new_tokens need a trained embedding: add embed_tokens to freeze_extra_modules")
        return self

    @model_validator(mode="after")
    def _template_is_given(self) -> SftParams:
        if self.chat_template == "custom" and not self.chat_template_text.strip():
            raise ValueError("chat_template custom needs a template in chat_template_text")
        return self

    @model_validator(mode="after")
    def _system_prompt_is_used(self) -> SftParams:
        if self.system_prompt and self.prompt_format == "plain":
            raise ValueError("system_prompt has no place in plain prompts; set prompt_format to auto or chat")
        return self
