"""What parameters call devices and number formats, in torch's terms."""

from __future__ import annotations

from typing import Any

from nodegraph import NodeFailure

DTYPES = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}


def torch_dtype(name: str) -> Any:
    """The torch type of fp32, bf16 or fp16."""
    import torch

    return getattr(torch, DTYPES[name])


def torch_device(wanted: str = "auto") -> str:
    """The first GPU; the CPU where `wanted` is cpu, or is auto and there is no GPU."""
    import torch

    if wanted != "cpu" and torch.accelerator.is_available():
        found = torch.accelerator.current_accelerator()
        return f"{found.type}:0" if found else "cpu"
    if wanted in ("auto", "cpu"):
        return "cpu"
    raise NodeFailure(
        "input",
        "This machine shows no GPU to the node.",
        "Set device to auto, or ask for a GPU under resources.",
    )
