"""What nodes ask for, in words: 4×A100, 8 cores and 32 GB, on hosts labelled big."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from executor.hosts.model import Gpu, Host
from nodegraph.contract import Resources


def of_gpus(wanted: Resources) -> str:
    """The GPUs that are asked for."""
    if wanted.gpu_kind:
        return f"{wanted.gpu}×{wanted.gpu_kind}"
    return "1 GPU" if wanted.gpu == 1 else f"{wanted.gpu} GPUs"


def of_kinds(gpus: Iterable[Gpu]) -> str:
    """GPUs that there are, by kind: 4×A100 and 2×T4."""
    return " and ".join(f"{count}×{kind}" for kind, count in sorted(Counter(g.kind for g in gpus).items()))


def of_rest(wanted: Resources) -> str:
    """The cores and the memory that are asked for."""
    cores = "1 core" if wanted.cpu == 1 else f"{number(wanted.cpu)} cores"
    return f"{cores} and {number(wanted.memory_gb)} GB"


def of_host(asked: str | None, hosts: Sequence[Host]) -> str:
    """Where it is asked for: on a host, or on hosts with a label; empty where anywhere will do."""
    if asked is None:
        return ""
    return f"on {asked}" if any(host.name == asked for host in hosts) else f"on hosts labelled {asked}"


def number(value: float) -> str:
    """A number without what does not matter: 64, 15.6."""
    return f"{value:.1f}".removesuffix(".0")
