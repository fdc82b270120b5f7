"""The parameters of quantize.model, and which method reads which of them."""

from __future__ import annotations

from typing import Literal

from nodegraph import Field, NodeParams

Dtype = Literal["auto", "fp32", "bf16", "fp16"]
FOUR_BIT = ["nf4", "fp4"]
BITSANDBYTES = ["int8", *FOUR_BIT]


class Params(NodeParams):
    """How weights are made smaller, and how the loss of quality is measured."""

    method: Literal["int8", "nf4", "fp4", "fp16", "bf16"] = Field(
        "nf4",
        title="Method",
        help="nf4 is the best of the 4-bit types for language models; int8 loses next to nothing; fp16 and "
        "bf16 only store in 16 bits.",
    )
    limit: int = Field(
        200, title="Rows for perplexity", help="Of the dataset, where one is wired.", ge=1, le=1_000_000
    )
    double_quantization: bool = Field(
        False,
        title="Double quantisation",
        help="Quantise the constants of the quantisation, too: 0.4 bit a weight less.",
        group="Advanced",
        shown={"method": FOUR_BIT},
    )
    compute_dtype: Dtype = Field(
        "auto",
        title="Computes in",
        help="auto: the type in which the other weights are stored.",
        group="Advanced",
        shown={"method": FOUR_BIT},
    )
    other_weights: Dtype = Field(
        "auto",
        title="Other weights as",
        help="Embeddings, norms and output layer are not quantised. auto: as they are.",
        group="Advanced",
        shown={"method": BITSANDBYTES},
    )
    skip_modules: list[str] = Field(
        [],
        title="Modules left as they are",
        help="Names or ends of names, such as down_proj or model.layers.0; embeddings and output layer "
        "always are.",
        group="Advanced",
        shown={"method": BITSANDBYTES},
    )
    outlier_threshold: float = Field(
        6.0,
        title="Outlier threshold",
        help="Larger activations are computed in 16 bits.",
        group="Advanced",
        shown={"method": ["int8"]},
        ge=0,
    )
    max_length: int = Field(
        512,
        title="Maximum length for perplexity",
        help="Longer texts are cut.",
        group="Advanced",
        unit="tokens",
        ge=2,
        le=131_072,
    )
    batch_size: int = Field(8, title="Batch size for perplexity", group="Advanced", ge=1, le=4096)
