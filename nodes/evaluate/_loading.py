"""Loads a causal language model and its tokenizer with Hugging Face, never with foreign code or pickles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nodes.common.loading import readable
from nodes.common.torch_terms import torch_device, torch_dtype
from nodes.evaluate._engine import Loading

_TOKENIZER = "tokenizer_config.json"


def load(base: str, adapter: Path | None, loading: Loading) -> tuple[Any, Any, str]:
    """Model, tokenizer and device; the adapter stays beside its base, as it was trained."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    device = torch_device(loading.device)
    if device != "cpu":
        torch.accelerator.reset_peak_memory_stats()
    with readable(base):
        config = AutoConfig.from_pretrained(base, trust_remote_code=False)
        model = AutoModelForCausalLM.from_pretrained(
            base,
            dtype=_dtype(loading.precision, device, config),
            device_map="auto" if loading.device == "all_gpus" else {"": device},
            attn_implementation=None if loading.attention == "auto" else loading.attention,
            use_safetensors=True,
            trust_remote_code=False,
        )
    tokenizer = _tokenizer(base, adapter)
    if adapter is not None:
        model = _with_adapter(model, tokenizer, adapter)
    return model.eval(), tokenizer, device


def _tokenizer(base: str, adapter: Path | None) -> Any:
    from transformers import AutoTokenizer

    source = str(adapter) if adapter and (adapter / _TOKENIZER).is_file() else base
    with readable(source, "tokenizer"):
        tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
    if tokenizer.pad_token_id is None:
        # Padded places are masked, so any token will do.
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.convert_ids_to_tokens(0)
    return tokenizer


def _with_adapter(model: Any, tokenizer: Any, adapter: Path) -> Any:
    from peft import PeftModel

    if len(tokenizer) > model.get_input_embeddings().num_embeddings:
        model.resize_token_embeddings(len(tokenizer))
    with readable(str(adapter), "adapter"):
        return PeftModel.from_pretrained(model, str(adapter), use_safetensors=True)


def _dtype(precision: str, device: str, config: Any) -> Any:
    import torch

    if precision != "auto":
        return torch_dtype(precision)
    if device == "cpu":
        return torch.float32
    if config.dtype in (torch.float16, torch.bfloat16):
        return config.dtype
    if device.startswith("cuda") and not torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.float16
    return torch.bfloat16
