"""Who holds which cores, memory and GPUs of which host. Two attempts never share a GPU."""

from __future__ import annotations

from dataclasses import dataclass, field

from executor.hosts.model import Gpu, Host
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
    user: str = ""


@dataclass
class Used:
    """What is held of one host; `holders` are the leases of its GPUs by index."""

    cpu: float = 0.0
    memory_gb: float = 0.0
    holders: dict[int, Lease] = field(default_factory=dict)

    @property
    def gpus(self) -> set[int]:
        """The GPUs that are held."""
        return set(self.holders)


@dataclass
class Kept:
    """What is kept of one host for nodes that wait, so that smaller ones behind them do not take it."""

    cpu: float = 0.0
    memory_gb: float = 0.0
    gpus: set[int] = field(default_factory=set)


_NOTHING = Kept()


class Leases:
    """Belongs to the engine's thread."""

    def __init__(self) -> None:
        self._used: dict[str, Used] = {}
        self._users: dict[str, tuple[int, float]] = {}

    def used(self, host: str) -> Used:
        """What is held of a host."""
        return self._used.setdefault(host, Used())

    def held(self, user: str) -> tuple[int, float]:
        """How many GPUs and cores the nodes of a user hold, on all hosts."""
        return self._users.get(user, (0, 0.0))

    def fit(self, host: Host, wanted: Resources, kept: Kept = _NOTHING, user: str = "") -> Lease | None:
        """A lease for a node with these resources beside what is kept for others; None where it does not fit.

        A node that wants more cores or memory than the host has gets all of them. `claim` it to have it.
        """
        assert host.facts is not None
        used, facts = self.used(host.name), host.facts
        cpu, memory = min(wanted.cpu, facts.cpus), min(wanted.memory_gb, facts.memory_gb)
        if used.cpu + kept.cpu + cpu > facts.cpus + _LITTLE:
            return None
        if used.memory_gb + kept.memory_gb + memory > facts.memory_gb + _LITTLE:
            return None
        gpus = gpus_for(host, wanted)
        count = min(wanted.gpu, len(gpus))
        free = [gpu for gpu in gpus if gpu.index not in used.holders and gpu.index not in kept.gpus][:count]
        if len(free) < count:
            return None
        indexes = tuple(gpu.index for gpu in free)
        return Lease(
            host.name, cpu, memory, indexes if host.gpus else None, free[0].kind if free else "",
            host.price(cpu, indexes), user,
        )  # fmt: skip

    def keep(self, host: Host, wanted: Resources, kept: Kept) -> bool:
        """Keep room on a host for a node that does not fit there now, until it does.

        Adds to `kept`; False, and nothing is added, where all that the host has is kept already. Whoever
        holds the GPUs that it waits for gives back cores and memory with them: those need not be kept.
        """
        assert host.facts is not None
        used, facts = self.used(host.name), host.facts
        cpu, memory = min(wanted.cpu, facts.cpus), min(wanted.memory_gb, facts.memory_gb)
        gpus = [gpu.index for gpu in gpus_for(host, wanted) if gpu.index not in kept.gpus]
        if (
            len(gpus) < wanted.gpu
            or kept.cpu + cpu > facts.cpus + _LITTLE
            or kept.memory_gb + memory > facts.memory_gb + _LITTLE
        ):
            return False
        gpus.sort(key=lambda index: used.holders[index].cpu if index in used.holders else -1.0)
        chosen = gpus[: wanted.gpu]
        returning = {used.holders[index] for index in chosen if index in used.holders}
        kept.gpus.update(chosen)
        kept.cpu += max(0.0, cpu - sum(lease.cpu for lease in returning))
        kept.memory_gb += max(0.0, memory - sum(lease.memory_gb for lease in returning))
        return True

    def claim(self, lease: Lease) -> None:
        """Count a lease as taken, also one that does not fit: an attempt found running after a restart."""
        self._count(lease, 1)
        self.used(lease.host).holders.update(dict.fromkeys(lease.gpus or (), lease))

    def release(self, lease: Lease) -> None:
        """Give a lease back."""
        self._count(lease, -1)
        holders = self.used(lease.host).holders
        for index in lease.gpus or ():
            if holders.get(index) is lease:
                del holders[index]

    def _count(self, lease: Lease, sign: int) -> None:
        used = self.used(lease.host)
        used.cpu += sign * lease.cpu
        used.memory_gb += sign * lease.memory_gb
        gpus, cpu = self.held(lease.user)
        self._users[lease.user] = (gpus + sign * len(lease.gpus or ()), cpu + sign * lease.cpu)
        if self._users[lease.user][0] == 0 and self._users[lease.user][1] < _LITTLE:
            del self._users[lease.user]


def gpus_for(host: Host, wanted: Resources) -> list[Gpu]:
    """The GPUs of a host that a node with these resources may get."""
    return [gpu for gpu in host.gpus if wanted.gpu_kind in (None, gpu.kind)]
