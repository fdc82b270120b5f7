"""What this machine has: cores, memory, GPUs that this process may use."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import psutil

from executor.hosts.model import Facts, Gpu

_GB = 1024**3
_MAKERS = ("NVIDIA", "TESLA", "GEFORCE", "QUADRO")
_SERIES = ("RTX", "GTX")


def this_machine(cores: float | None = None) -> Facts:
    """Cores, memory and GPUs; `cores` counts instead of those there are.

    Quick, without a look at the GPUs themselves: their kinds come from the driver's files.
    """
    return Facts(
        cpus=float(len(os.sched_getaffinity(0))) if cores is None else cores,
        memory_gb=psutil.virtual_memory().total / _GB,
        gpus=tuple(Gpu(index, kind) for index, kind in enumerate(_gpu_kinds())),
        name=socket.gethostname(),
    )


def _gpu_kinds() -> list[str]:
    """The kinds of the NVIDIA GPUs that this process may use, in the driver's order."""
    found = [_kind(path) for path in sorted(Path("/proc/driver/nvidia/gpus").glob("*"))]
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is None:
        return found
    named = [name.strip() for name in allowed.split(",") if name.strip() not in ("", "-1")]
    return [found[int(name)] if name.isdigit() and int(name) < len(found) else "GPU" for name in named]


def _kind(folder: Path) -> str:
    try:
        lines = (folder / "information").read_text().splitlines()
    except OSError:
        return "GPU"
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip() == "Model":
            return short_kind(value)
    return "GPU"


def short_kind(model: str) -> str:
    """The kind by which people ask for a GPU: `NVIDIA A100-SXM4-80GB` is an A100."""
    words = model.replace("-", " ").replace("(R)", " ").split()
    rest = [word for word in words if word.upper() not in (*_MAKERS, *_SERIES)]
    series = " ".join(word for word in words if word.upper() in _SERIES)
    return f"{series} {rest[0]}".strip() if rest else model.strip() or "GPU"
