"""A new model with random weights, and a tokenizer trained on the given text."""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import model_validator

from nodegraph import Context, Field, Inputs, NodeFailure, NodeParams, NodeType, Outputs, Port, Resources
from nodes.common.dataset import read_rows, require_rows
from nodes.common.models import read_card, write_card
from nodes.common.preview import Block, table, values
from nodes.train._new_model import new_model
from nodes.train._results import check_model
from nodes.train._sizes import DTYPE_BYTES, PRESETS, Shape
from nodes.train._templates import TemplateName
from nodes.train._tokenizer import strings_of, train_tokenizer

_SIZES = ("hidden_size", "layers", "heads")
_SAMPLES = ("Hello, world! 123", "你好，世界", "  two  spaces\n\ttab 🙂")
_SIZE_HELP = "Empty: from the preset."


class Params(NodeParams):
    """A preset gives every size; a size that is set wins over it, and what is left follows from the rest."""

    architecture: Literal["qwen2", "llama"] = Field("qwen2", title="Architecture")
    preset: Literal["custom", "1m", "3m", "10m", "30m", "100m", "300m", "500m", "1b", "3b", "7b"] = Field(
        "3m",
        title="Size",
        help="About this many parameters. Custom: hidden_size, layers and heads are yours.",
    )
    hidden_size: int | None = Field(None, title="Hidden size", help=_SIZE_HELP, group="Size", ge=8, le=65_536)
    layers: int | None = Field(None, title="Layers", help=_SIZE_HELP, group="Size", ge=1, le=512)
    heads: int | None = Field(None, title="Attention heads", help=_SIZE_HELP, group="Size", ge=1, le=1024)
    kv_heads: int | None = Field(
        None, title="Key and value heads", group="Size", ge=1, le=1024,
        help="Fewer than heads is grouped-query attention. Empty: from the preset, else as many as heads.",
    )  # fmt: skip
    intermediate_size: int | None = Field(
        None, title="Feed-forward size", group="Size", ge=8, le=262_144,
        help="Empty: from the preset, else 8/3 of the hidden size.",
    )  # fmt: skip
    vocab_size: int | None = Field(
        None, title="Vocabulary", unit="tokens", group="Size", ge=300, le=1_000_000,
        help="At most; small texts give fewer. Empty: from the preset.",
    )  # fmt: skip
    max_length: int = Field(1024, title="Maximum length", unit="tokens", ge=16, le=1_048_576)
    tie_embeddings: bool | None = Field(
        None, title="Tie embeddings", group="Advanced",
        help="One matrix for input and output: smaller. Empty: from the preset.",
    )  # fmt: skip
    rope_theta: float = Field(10_000.0, title="RoPE base", group="Advanced", gt=1)
    initializer_range: float = Field(0.02, title="Spread of new weights", group="Advanced", gt=0, le=1)
    save_dtype: Literal["fp32", "bf16", "fp16"] = Field("fp32", title="Weights when saved", group="Advanced")
    chat_template: TemplateName = Field("chatml", title="Chat template", group="Advanced")
    seed: int = Field(42, title="Seed", ge=0, le=2**32 - 1)

    @model_validator(mode="after")
    def _sizes_fit(self) -> Params:
        missing = [name for name in _SIZES if getattr(self, name) is None]
        if self.preset == "custom" and missing:
            raise ValueError(f"preset custom needs {', '.join(missing)}; set them or choose a preset")
        shape = self.shape
        if shape.hidden_size % shape.heads:
            raise ValueError(f"hidden_size {shape.hidden_size} is not divisible by heads {shape.heads}")
        if shape.head_dim % 2:
            raise ValueError(
                f"hidden_size / heads is {shape.head_dim}, which is odd; rotary positions need an even number"
            )
        if shape.heads % shape.kv_heads:
            raise ValueError(f"heads {shape.heads} is not divisible by kv_heads {shape.kv_heads}")
        return self

    @property
    def shape(self) -> Shape:
        """The sizes that these parameters give, with the vocabulary at its largest."""
        preset = PRESETS.get(self.preset, PRESETS["3m"])
        hidden = self.hidden_size or preset.hidden_size
        heads = self.heads or (preset.heads if self.hidden_size is None else _heads(hidden))
        as_preset = self.preset != "custom" and heads == preset.heads
        inner = preset.intermediate_size if self.hidden_size is None else math.ceil(hidden / 12) * 32
        return Shape(
            vocab_size=self.vocab_size or preset.vocab_size,
            hidden_size=hidden,
            layers=self.layers or preset.layers,
            heads=heads,
            kv_heads=self.kv_heads or (preset.kv_heads if as_preset else heads),
            intermediate_size=self.intermediate_size or inner,
            tied=preset.tied if self.tie_embeddings is None else self.tie_embeddings,
            qkv_bias=self.architecture == "qwen2",
            head_dim=hidden // heads,
        )


def _heads(hidden: int) -> int:
    """Heads of 64 where they fit, else as near to it as the hidden size allows."""
    return min(
        (n for n in range(1, hidden + 1) if hidden % (2 * n) == 0),
        key=lambda n: abs(hidden / n - 64),
        default=1,
    )


NODE = NodeType(
    title="New model",
    category="train",
    params=Params,
    environment="train",
    inputs={"dataset": Port("dataset", help="The text that the tokenizer learns from")},
    outputs={"model": Port("model")},
    resources=Resources(cpu=2, memory_gb=4),
)


def estimate(params: Params) -> dict[str, Any]:
    """Parameters, and the memory that making the model takes."""
    shape = params.shape
    notes = ["The vocabulary may turn out smaller where the text is short."]
    return {
        "parameters": shape.parameters,
        "trainable": shape.parameters,
        "memory_gb": round(shape.parameters * 4 / 1e9 + 0.6, 2),
        "disk_gb": round(shape.parameters * DTYPE_BYTES[params.save_dtype] / 1e9, 3),
        "notes": notes,
    }


def run(params: Params, inputs: Inputs, outputs: Outputs, ctx: Context) -> None:
    """Train the tokenizer, draw the weights, save both."""
    require_rows(inputs["dataset"])
    wanted = params.shape.vocab_size
    ctx.progress(0, 3, "parts", "training the tokenizer")
    texts = (text for row in read_rows(inputs["dataset"]) for text in strings_of(row))
    tokenizer = train_tokenizer(texts, wanted, params.chat_template, params.max_length, params.architecture)
    size = len(tokenizer)
    if size > wanted:
        raise NodeFailure(
            "input", f"vocab_size {wanted} is too small: bytes and special tokens alone take {size}.",
            f"Set vocab_size to at least {size}.",
        )  # fmt: skip
    if size < wanted:
        ctx.log(f"The text gives a vocabulary of {size:,} tokens; {wanted:,} were asked for.")
    ctx.progress(1, 3, "parts", "drawing the weights")
    model = new_model(
        params.architecture, params.shape, tokenizer, params.seed, params.save_dtype,
        max_position_embeddings=params.max_length,
        rope_parameters={"rope_type": "default", "rope_theta": params.rope_theta},
        initializer_range=params.initializer_range,
    )  # fmt: skip
    ctx.progress(2, 3, "parts", "saving")
    model.save_pretrained(outputs["model"])
    tokenizer.save_pretrained(outputs["model"])
    parameters = model.num_parameters()
    write_card(
        outputs["model"], kind="model", architecture=params.architecture, parameters=parameters, base=None,
        requires=[], training={"node": "train.init", "seed": params.seed, "vocab_size": size},
    )  # fmt: skip
    ctx.log(
        f"A new {params.architecture} model: {parameters:,} parameters, {size:,} tokens in its vocabulary."
    )
    ctx.metric("parameters", parameters)
    ctx.metric("vocab_size", size)
    ctx.progress(3, 3, "parts")


def check(outputs: Outputs) -> None:
    """The weights and the tokenizer are there and whole."""
    check_model(outputs["model"])


def preview(outputs: Outputs) -> list[Block]:
    """The model's sizes, and how its tokenizer cuts a few texts."""
    from tokenizers import Tokenizer

    card = read_card(outputs["model"])
    tokenizer = Tokenizer.from_file(str(outputs["model"] / "tokenizer.json"))
    sizes = {"architecture": card["architecture"], "parameters": card["parameters"]}
    rows = [
        [text, len(ids := tokenizer.encode(text).ids), tokenizer.decode(ids) == text] for text in _SAMPLES
    ]
    vocabulary = {"vocabulary": card["training"]["vocab_size"]}
    return [values("Model", sizes | vocabulary), table("Tokenizer", ["text", "tokens", "comes back"], rows)]
