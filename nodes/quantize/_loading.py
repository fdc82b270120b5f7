"""Loads models for quantising: the whole one, with an adapter merged into its base, and the quantised one."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nodegraph import Context, NodeFailure
from nodegraph.suggest import did_you_mean
from nodes.common.models import adapter_base, is_adapter, refuse_pickles
from nodes.quantize._params import BITSANDBYTES, FOUR_BIT, Params

TORCH_DTYPES = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}


def require_quantisable(directory: Path) -> None:
    """Fail with category input where a model is quantised already, or cannot be loaded safely."""
    refuse_pickles(directory)
    path = directory / "config.json"
    if not path.is_file():
        return
    config = json.loads(path.read_text(encoding="utf-8"))
    if config.get("quantization_config"):
        raise NodeFailure(
            "input", "The model is quantised already.", "Wire the model from before it was quantised."
        )
    if not any((directory / name).is_file() for name in ("tokenizer.json", "tokenizer_config.json")):
        raise NodeFailure(
            "input", "The model comes without a tokenizer.", "Put the tokenizer beside its weights."
        )


def full_weights(directory: Path, ctx: Context) -> Path:
    """The directory itself, or where it holds an adapter, one below scratch with base and adapter merged."""
    if not is_adapter(directory):
        require_quantisable(directory)
        return directory
    from peft import PeftModel

    base = adapter_base(directory, ctx)
    if Path(base).is_dir():
        require_quantisable(Path(base))
    refuse_pickles(directory)
    ctx.log("The input is an adapter: it is merged into its base first.")
    model, tokenizer = load(base), load_tokenizer(_with_tokenizer(directory, base))
    if len(tokenizer) > model.get_input_embeddings().num_embeddings:
        model.resize_token_embeddings(len(tokenizer))
    with _named("adapter"):
        merged = PeftModel.from_pretrained(model, directory, is_trainable=False).merge_and_unload(
            safe_merge=True
        )
    merged.save_pretrained(ctx.scratch / "merged")
    tokenizer.save_pretrained(ctx.scratch / "merged")
    return ctx.scratch / "merged"


def load(source: Path | str, **options: Any) -> Any:
    """A causal language model on this machine's accelerator, else its CPU; no foreign code, no pickles."""
    from transformers import AutoModelForCausalLM

    with _named("model"):
        return AutoModelForCausalLM.from_pretrained(
            source,
            **{"dtype": "auto", "device_map": {"": _device()}, **options},
            trust_remote_code=False,
            use_safetensors=True,
        ).eval()


def load_tokenizer(source: Path | str) -> Any:
    """The tokenizer beside a model."""
    from transformers import AutoTokenizer

    with _named("tokenizer"):
        return AutoTokenizer.from_pretrained(source, trust_remote_code=False)


def options_for(params: Params, model: Any) -> dict[str, Any]:
    """What turns loading into quantising; `model` is the whole one, which knows its modules and its type."""
    import torch
    from transformers import BitsAndBytesConfig

    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    if params.method not in BITSANDBYTES:
        return {"dtype": getattr(torch, TORCH_DTYPES[params.method])}
    stored = (
        model.dtype if params.other_weights == "auto" else getattr(torch, TORCH_DTYPES[params.other_weights])
    )
    computed = (
        stored if params.compute_dtype == "auto" else getattr(torch, TORCH_DTYPES[params.compute_dtype])
    )
    config = BitsAndBytesConfig(
        load_in_8bit=params.method == "int8",
        load_in_4bit=params.method in FOUR_BIT,
        bnb_4bit_quant_type=params.method if params.method in FOUR_BIT else "nf4",
        bnb_4bit_use_double_quant=params.double_quant,
        bnb_4bit_compute_dtype=computed,
        llm_int8_threshold=params.outlier_threshold,
        llm_int8_skip_modules=_skipped(params.skip_modules, model),
    )
    return {"dtype": stored, "quantization_config": config}


def _skipped(wanted: list[str], model: Any) -> list[str] | None:
    """The modules left alone; None leaves it to transformers, which a list of one's own would overrule."""
    from transformers.quantizers.base import get_keys_to_not_convert
    from transformers.quantizers.quantizers_utils import should_convert_module

    names = [name for name, _ in model.named_modules() if name]
    for pattern in wanted:
        try:
            matches = not all(should_convert_module(name, [pattern]) for name in names)
        except re.error:
            matches = False
        if not matches:
            known = {part for name in names for part in name.split(".") if not part.isdigit()}
            message = f"The model has no module {pattern}, which skip_modules names."
            raise NodeFailure("input", message, did_you_mean(pattern, known))
    return [*get_keys_to_not_convert(model), *wanted] if wanted else None


def _with_tokenizer(adapter: Path, base: str) -> Path | str:
    return adapter if (adapter / "tokenizer_config.json").is_file() else base


def _device() -> str:
    import torch

    found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    return f"{found.type}:0" if found else "cpu"


@contextmanager
def _named(part: str) -> Iterator[None]:
    """Turn what a library says of unusable files into a failure that says what to do."""
    try:
        yield
    except (ImportError, MemoryError, NodeFailure):
        raise
    except Exception as error:
        if "out of memory" in str(error):
            raise
        raise NodeFailure(
            "input",
            f"The {part} cannot be loaded: {str(error).strip()[:300] or type(error).__name__}",
            "It must be a causal language model in Hugging Face's layout, with safetensors and a tokenizer.",
        ) from error
