"""Loads what is served: weights and tokenizer, on the device and in the precision that fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nodes.common.models import refuse_pickles
from nodes.common.torch_terms import torch_device, torch_dtype
from nodes.deploy._server.service import Service


def load(service: Service) -> tuple[Any, Any]:
    """The tokenizer and the model of a service; an adapter is put on its base. No foreign code is run."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    device = torch_device(service.device)
    own = Path(service.model.path)
    source = service.base.path if service.base else service.model.path
    refuse_pickles(Path(source))
    local = Path(source).is_dir()
    model = AutoModelForCausalLM.from_pretrained(
        source,
        dtype=_dtype(service, source, device),
        device_map={"": device},
        trust_remote_code=False,
        local_files_only=local,
        use_safetensors=True,
    )
    if service.base:
        from peft import PeftModel

        refuse_pickles(own)
        model = PeftModel.from_pretrained(model, own, is_trainable=False)
    with_tokenizer = own if (own / "tokenizer_config.json").is_file() else source
    tokenizer = AutoTokenizer.from_pretrained(
        with_tokenizer, trust_remote_code=False, local_files_only=local or with_tokenizer == own
    )
    return tokenizer, model.eval()


def _dtype(service: Service, source: str, device: str) -> Any:
    """bf16 on a GPU, fp32 on a CPU; quantised weights as they were saved."""
    if service.precision != "auto":
        return torch_dtype(service.precision)
    config = Path(source) / "config.json"
    if config.is_file() and "quantization_config" in json.loads(config.read_text(encoding="utf-8")):
        return "auto"
    return torch_dtype("fp32" if device == "cpu" else "bf16")
