"""The parameters of evaluate.text."""

from __future__ import annotations

from typing import Literal

from nodegraph import Field, NodeParams
from nodes.evaluate._plan import Metric
from nodes.evaluate._texts import Extraction, Step


class Params(NodeParams):
    """What is measured, how answers are generated and how they are compared."""

    metrics: list[Metric] = Field(
        ["auto"], min_length=1, title="Metrics",
        help="auto picks by the dataset: accuracy and F1 for labels, BLEU, chrF and ROUGE for other answers, "
        "perplexity for running text. Speed is measured whenever answers are generated.",
    )  # fmt: skip
    limit: int = Field(0, ge=0, title="Limit", unit="rows", help="From the start; 0 takes all.")
    max_new_tokens: int = Field(256, ge=1, le=32768, title="Longest answer", unit="tokens")
    batch_size: int = Field(
        8, ge=1, le=1024, title="Batch size",
        help="An answer's latency is the time its batch took; 1 measures lone requests.",
    )  # fmt: skip
    system_prompt: str = Field(
        "", title="System prompt", widget="textarea", help="Replaces the system turn of each conversation."
    )
    prompt_field: str = Field("", title="Prompt field", help="Empty: found by its name.", group="Data")
    reference_field: str = Field("", title="Reference field", help="Empty: found by its name.", group="Data")
    prompt_format: Literal["auto", "chat", "plain"] = Field(
        "auto", title="Prompt format", group="Data",
        help="auto uses the model's chat template for conversations and where there is a system prompt.",
    )  # fmt: skip
    labels: list[str] = Field(
        [],
        title="Labels",
        group="Answers",
        help="Empty: the distinct references, where they are few and short.",
    )
    average: Literal["macro", "micro", "weighted"] = Field(
        "macro", title="Average over labels", group="Answers"
    )
    extract: Extraction = Field(
        "auto", title="Answer in the text", group="Answers",
        help="What of a text is its answer, on both sides; auto looks for a label where labels are expected.",
    )  # fmt: skip
    extract_pattern: str = Field(
        "", title="Pattern", group="Answers", shown={"extract": ["regex"]},
        help="A regular expression; its first group is the answer, or the whole match.",
    )  # fmt: skip
    normalize: list[Step] = Field(
        ["strip"], title="Normalise", group="Answers", help="Before answers are compared, on both sides."
    )
    temperature: float = Field(
        0.0, ge=0, le=5, title="Temperature", group="Generation", help="0 always takes the likeliest token."
    )
    top_p: float = Field(1.0, gt=0, le=1, title="Top p", group="Generation")
    repetition_penalty: float = Field(1.0, gt=0, le=5, title="Repetition penalty", group="Generation")
    seed: int = Field(0, ge=0, lt=2**32, title="Seed", group="Generation")
    stop: list[str] = Field([], title="Stop at", group="Generation", help="Texts at which an answer ends.")
    engine: Literal["hf"] = Field("hf", title="Engine", group="Advanced")
    device: Literal["auto", "cpu", "gpu", "all_gpus"] = Field("auto", title="Device", group="Advanced")
    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field(
        "auto",
        title="Precision",
        group="Advanced",
        help="auto: the model's own half precision on a GPU, fp32 on a CPU.",
    )
    attention: Literal["auto", "sdpa", "eager", "flash_attention_2"] = Field(
        "auto", title="Attention", group="Advanced"
    )
    max_length: int = Field(
        0, ge=0, title="Maximum length", unit="tokens", group="Advanced",
        help="Prompt and answer; 0: what the model was made for. Longer prompts lose their beginning.",
    )  # fmt: skip
    stride: int = Field(
        0, ge=0, title="Window stride", unit="tokens", group="Advanced",
        help="How far the window moves over texts longer than the model takes; 0: half its length.",
    )  # fmt: skip
    bleu_tokenize: Literal["auto", "13a", "zh", "intl", "char", "none"] = Field(
        "auto", title="BLEU tokenizer", group="Advanced", help="auto: zh for Chinese references, else 13a."
    )
    template_options: dict[str, bool | int | float | str] = Field(
        {},
        title="Chat template options",
        widget="keyvalue",
        group="Advanced",
        help="Such as enable_thinking.",
    )
    metric_scripts: list[str] = Field(
        [], title="Metric scripts", widget="path", group="Advanced",
        help="Local scripts for Hugging Face's evaluate. They run as code: use only your own.",
    )  # fmt: skip
