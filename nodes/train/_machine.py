"""What the machine offers a training run: device, precision, attention, memory."""

from __future__ import annotations

import resource
import sys
from dataclasses import dataclass
from typing import Any

from nodegraph import Context, NodeFailure
from nodes.common.torch_terms import torch_dtype
from nodes.train import _ranks
from nodes.train._params import TrainingParams

GB = 1e9


@dataclass(frozen=True)
class Machine:
    """The settled answers to every `auto` that depends on the machine."""

    device: str
    precision: str
    attention: str
    processes: int = 1

    @property
    def on_gpu(self) -> bool:
        """Whether an accelerator does the work."""
        return self.device != "cpu"

    @property
    def compute_dtype(self) -> Any:
        """The torch type in which matrices are multiplied."""
        return torch_dtype(self.precision)


def quiet() -> None:
    """No progress bars of libraries: the node reports its own progress."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()


def settle(params: TrainingParams, ctx: Context) -> Machine:
    """Decide what `auto` means on this machine, and refuse what it cannot do."""
    import torch

    accelerator = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    device = accelerator.type if accelerator else "cpu"
    processes = _ranks.count()
    if accelerator and processes > 1:
        torch.accelerator.set_device_index(_ranks.local_index())
    if device == "cuda" and processes == 1 and torch.cuda.device_count() > 1:
        ctx.log(f"{torch.cuda.device_count()} GPUs are here; this run uses the first.", level="warning")
    precision = _precision(params.precision, device)
    return Machine(device, precision, _attention(params.attention, device, precision), processes)


def _precision(wanted: str, device: str) -> str:
    import torch

    if device == "cpu":
        if wanted == "fp16":
            raise NodeFailure(
                "input", "fp16 training needs a GPU, and this machine has none.", "Set precision to auto."
            )
        return "fp32" if wanted == "auto" else wanted
    has_bf16 = device != "cuda" or torch.cuda.is_bf16_supported(including_emulation=False)
    if wanted == "bf16" and not has_bf16:
        raise NodeFailure("input", "This GPU does not compute in bf16.", "Set precision to auto or fp16.")
    return ("bf16" if has_bf16 else "fp16") if wanted == "auto" else wanted


def _attention(wanted: str, device: str, precision: str) -> str:
    if wanted not in ("auto", "flash_attention_2"):
        return wanted
    from transformers.utils import is_flash_attn_2_available

    usable = device != "cpu" and precision != "fp32" and is_flash_attn_2_available()
    if wanted == "flash_attention_2" and not usable:
        raise NodeFailure(
            "input",
            "FlashAttention cannot be used here: it needs a GPU, bf16 or fp16, and the package flash-attn.",
            "Set attention to auto.",
        )
    return "flash_attention_2" if usable else "sdpa"


def free_memory_gb(machine: Machine) -> float | None:
    """Free memory of the GPU; None on a CPU, where the system decides."""
    import torch

    return float(torch.cuda.mem_get_info()[0]) / GB if machine.device == "cuda" else None


def reset_peak(machine: Machine) -> None:
    """Begin to measure the peak of GPU memory."""
    import torch

    if machine.device == "cuda":
        torch.cuda.reset_peak_memory_stats()


def peak_memory_gb(machine: Machine) -> float:
    """The peak so far: of the GPU where there is one, else of this process."""
    import torch

    if machine.device == "cuda":
        return float(torch.cuda.max_memory_allocated()) / GB
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used * (1 if sys.platform == "darwin" else 1024) / GB
