"""How much of this machine is free: cores and GPUs. A node that asks for more than there is gets all."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from nodegraph.contract import Resources


@dataclass(frozen=True)
class Share:
    """What one attempt holds: cores, and the indexes of its GPUs (None where the machine has none)."""

    cpu: float
    gpus: tuple[int, ...] | None


@dataclass
class Capacity:
    """The cores and GPUs of a machine, and which GPUs are free. Two attempts never share a GPU."""

    cores: float = field(default_factory=lambda: float(len(os.sched_getaffinity(0))))
    gpus: int = field(default_factory=lambda: count_gpus())
    _used: float = 0.0
    _taken: set[int] = field(default_factory=set)

    def take(self, wanted: Resources) -> Share | None:
        """A share for a node with these resources, None where it does not fit now."""
        cpu = min(wanted.cpu, self.cores)
        count = min(wanted.gpu, self.gpus)
        free = [index for index in range(self.gpus) if index not in self._taken]
        if self._used + cpu > self.cores + 1e-9 or count > len(free):
            return None
        share = Share(cpu, tuple(free[:count]) if self.gpus else None)
        self.claim(share)
        return share

    def claim(self, share: Share) -> None:
        """Count a share as taken, also one that does not fit: an attempt found running after a restart."""
        self._used += share.cpu
        self._taken.update(share.gpus or ())

    def release(self, share: Share) -> None:
        """Give a share back."""
        self._used -= share.cpu
        self._taken.difference_update(share.gpus or ())


def count_gpus() -> int:
    """The NVIDIA GPUs that this process may use."""
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is not None:
        return len([index for index in allowed.split(",") if index.strip() not in ("", "-1")])
    return len(list(Path("/proc/driver/nvidia/gpus").glob("*")))
