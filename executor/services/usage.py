"""What attempts have used: cores, memory and GPUs by the hour, and what that costs at their hosts' prices."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Usage:
    """Hours of cores, of gigabytes of memory and of GPUs that were held, and their cost in `currency()`."""

    cpu_hours: float = 0.0
    memory_gb_hours: float = 0.0
    gpu_hours: float = 0.0
    cost: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.cpu_hours + other.cpu_hours, self.memory_gb_hours + other.memory_gb_hours,
            self.gpu_hours + other.gpu_hours, self.cost + other.cost,
        )  # fmt: skip
