"""Sizes of models: the presets of train.init, and how many parameters a shape has. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

DTYPE_BYTES = {"fp32": 4, "bf16": 2, "fp16": 2, "float32": 4, "bfloat16": 2, "float16": 2}


class Preset(NamedTuple):
    """The sizes that a preset sets."""

    hidden_size: int
    layers: int
    heads: int
    kv_heads: int
    intermediate_size: int
    vocab_size: int
    tied: bool


PRESETS: dict[str, Preset] = {
    "1m": Preset(128, 4, 4, 2, 352, 2_048, True),
    "3m": Preset(192, 6, 6, 2, 512, 4_096, True),
    "10m": Preset(320, 6, 5, 5, 864, 8_192, True),
    "30m": Preset(512, 7, 8, 4, 1_504, 16_384, True),
    "100m": Preset(768, 12, 12, 4, 2_048, 32_768, True),
    "300m": Preset(1_024, 21, 16, 8, 3_072, 32_768, True),
    "500m": Preset(1_280, 25, 20, 4, 3_584, 49_152, True),
    "1b": Preset(2_048, 20, 16, 4, 5_632, 65_536, True),
    "3b": Preset(2_560, 33, 20, 4, 9_216, 65_536, True),
    "7b": Preset(4_096, 32, 32, 8, 11_264, 131_072, False),
}


@dataclass(frozen=True)
class Shape:
    """What decides the number of parameters of a decoder with gated feed-forward layers."""

    vocab_size: int
    hidden_size: int
    layers: int
    heads: int
    kv_heads: int
    intermediate_size: int
    tied: bool
    qkv_bias: bool
    head_dim: int
    qk_norm: bool = False

    @property
    def parameters(self) -> int:
        """All weights, tied embeddings counted once."""
        return self.embeddings + self.layers * self.layer + self.hidden_size

    @property
    def embeddings(self) -> int:
        """The weights of the embedding and, where it has its own, of the output layer."""
        return self.vocab_size * self.hidden_size * (1 if self.tied else 2)

    @property
    def layer(self) -> int:
        """The weights of one layer."""
        linear = sum(rows * columns for rows, columns in self.linear.values())
        bias = sum(self.linear[name][0] for name in ("q_proj", "k_proj", "v_proj")) if self.qkv_bias else 0
        return linear + bias + 2 * self.hidden_size + (2 * self.head_dim if self.qk_norm else 0)

    @property
    def linear(self) -> dict[str, tuple[int, int]]:
        """The linear modules of one layer: output and input size."""
        queries, keys = self.heads * self.head_dim, self.kv_heads * self.head_dim
        hidden, inner = self.hidden_size, self.intermediate_size
        return {
            "q_proj": (queries, hidden),
            "k_proj": (keys, hidden),
            "v_proj": (keys, hidden),
            "o_proj": (hidden, queries),
            "gate_proj": (inner, hidden),
            "up_proj": (inner, hidden),
            "down_proj": (hidden, inner),
        }

    def adapter(self, rank: int, targets: list[str], dora: bool = False) -> int:
        """The weights of a LoRA adapter of this rank on these modules (`all-linear` for all of them)."""
        chosen = [
            size
            for name, size in self.linear.items()
            if "all-linear" in targets or any(name.endswith(target) for target in targets)
        ]
        return self.layers * sum(rank * (rows + columns) + (rows if dora else 0) for rows, columns in chosen)


def shape_of(config: Mapping[str, Any]) -> Shape | None:
    """The shape that a config.json describes; None for architectures that are built differently."""
    family = config.get("model_type")
    if family not in ("qwen2", "llama", "mistral", "qwen3") or config.get("num_experts"):
        return None
    heads = int(config["num_attention_heads"])
    hidden = int(config["hidden_size"])
    return Shape(
        vocab_size=int(config["vocab_size"]),
        hidden_size=hidden,
        layers=int(config["num_hidden_layers"]),
        heads=heads,
        kv_heads=int(config.get("num_key_value_heads") or heads),
        intermediate_size=int(config["intermediate_size"]),
        tied=bool(config.get("tie_word_embeddings", False)),
        qkv_bias=family == "qwen2" or bool(config.get("attention_bias")),
        head_dim=int(config.get("head_dim") or hidden // heads),
        qk_norm=family == "qwen3",
    )
