"""Who holds which cores, memory and GPUs of which host. Two attempts never share a GPU."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from executor.hosts.model import LOCAL, Host
from nodegraph.contract import Resources

_LITTLE = 1e-9


@dataclass(frozen=True)
class Lease:
    """What one attempt holds of a host; `gpus` are indexes, None where the host has none at all."""

    host: str
    cpu: float
    memory_gb: float
    gpus: tuple[int, ...] | None
    gpu_kind: str = ""
    price: float = 0.0


@dataclass
class Used:
    """What attempts hold of one host."""

    cpu: float = 0.0
    memory_gb: float = 0.0
    gpus: set[int] = field(default_factory=set)


class Leases:
    """Belongs to the engine's thread. `host` finds a host by name, None where it was removed."""

    def __init__(self, host: Callable[[str], Host | None]) -> None:
        self._host = host
        self._used: dict[str, Used] = {}

    def used(self, host: str) -> Used:
        """What is held of a host."""
        return self._used.setdefault(host, Used())

    def take(self, host: Host, wanted: Resources) -> Lease | None:
        """A lease on a host for a node with these resources; None where it does not fit now.

        A node that wants more cores or memory than the host has gets all of them.
        """
        lease = self.fit(host, wanted)
        if lease is not None:
            self.claim(lease)
        return lease

    def fit(self, host: Host, wanted: Resources) -> Lease | None:
        """The lease that `take` would give."""
        assert host.facts is not None
        used, facts = self.used(host.name), host.facts
        cpu, memory = min(wanted.cpu, facts.cpus), min(wanted.memory_gb, facts.memory_gb)
        if used.cpu + cpu > facts.cpus + _LITTLE or used.memory_gb + memory > facts.memory_gb + _LITTLE:
            return None
        gpus = [gpu for gpu in host.gpus if wanted.gpu_kind in (None, gpu.kind)]
        count = min(wanted.gpu, len(gpus))
        free = [gpu for gpu in gpus if gpu.index not in used.gpus][:count]
        if len(free) < count:
            return None
        indexes = tuple(gpu.index for gpu in free)
        return Lease(
            host.name, cpu, memory, indexes if host.gpus else None, free[0].kind if free else "",
            host.price(cpu, indexes),
        )  # fmt: skip

    def claim(self, lease: Lease) -> None:
        """Count a lease as taken, also one that does not fit: an attempt found running after a restart."""
        used = self.used(lease.host)
        used.cpu += lease.cpu
        used.memory_gb += lease.memory_gb
        used.gpus.update(lease.gpus or ())

    def release(self, lease: Lease) -> None:
        """Give a lease back."""
        used = self.used(lease.host)
        used.cpu -= lease.cpu
        used.memory_gb -= lease.memory_gb
        used.gpus.difference_update(lease.gpus or ())


__all__ = ["LOCAL", "Lease", "Leases", "Used"]
