"""Loads models for quantising: the whole one, with an adapter merged into its base, and the quantised one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nodegraph import Context, NodeFailure
from nodes.common.loading import readable
from nodes.common.models import adapter_base, is_adapter, refuse_pickles
from nodes.common.torch_terms import torch_device


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
    with readable(str(directory), "adapter"):
        merged = PeftModel.from_pretrained(model, directory, is_trainable=False).merge_and_unload(
            safe_merge=True
        )
    merged.save_pretrained(ctx.scratch / "merged")
    tokenizer.save_pretrained(ctx.scratch / "merged")
    return ctx.scratch / "merged"


def load(source: Path | str, **options: Any) -> Any:
    """A causal language model on this machine's accelerator, else its CPU; no foreign code, no pickles."""
    from transformers import AutoModelForCausalLM

    with readable(str(source)):
        return AutoModelForCausalLM.from_pretrained(
            source,
            **{"dtype": "auto", "device_map": {"": torch_device()}, **options},
            trust_remote_code=False,
            use_safetensors=True,
        ).eval()


def load_tokenizer(source: Path | str) -> Any:
    """The tokenizer beside a model."""
    from transformers import AutoTokenizer

    with readable(str(source), "tokenizer"):
        return AutoTokenizer.from_pretrained(source, trust_remote_code=False)


def _with_tokenizer(adapter: Path, base: str) -> Path | str:
    return adapter if (adapter / "tokenizer_config.json").is_file() else base
