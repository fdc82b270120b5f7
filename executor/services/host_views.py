"""Hosts as people and programs see them: plain data, safe to turn into JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from executor.database.tables import Attempt
from executor.hosts.gpus import declared_texts
from executor.hosts.model import LOCAL, Host, State


@dataclass(frozen=True)
class GpuView:
    """One GPU, and the run and node that hold it now; `utilisation` is from 0 to 1."""

    index: int
    kind: str
    memory_gb: float
    driver: str
    utilisation: float | None
    run: int | None = None
    node: str | None = None


@dataclass(frozen=True)
class HostView:
    """A host: what it has, who uses how much of it, and how it was found when it was last looked at.

    `declared` says that the GPUs were named by hand (`declared_gpus`, as 4xA100:80) and none was found.
    `prices` are an hour of a GPU by its kind, and of one core under `cpu`. Sizes are in GB; 0 is unknown.
    `tls` are the files ca, cert and key. `running` counts the attempts that have begun and not ended.
    """

    name: str
    address: str
    state: State
    reason: str
    draining: bool
    labels: list[str]
    engine: str
    cpus: float
    memory_gb: float
    disk_gb: float
    disk_free_gb: float
    gpus: list[GpuView]
    declared: bool
    declared_gpus: list[str]
    prices: dict[str, float]
    cpu_used: float
    memory_used_gb: float
    running: int
    checked: float | None
    created: float
    cache_gb: float
    files: str
    tls: dict[str, str]

    @property
    def local(self) -> bool:
        """Whether it is this machine, which cannot be removed."""
        return self.name == LOCAL

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def host_view(host: Host, attempts: Sequence[Attempt]) -> HostView:
    """The view of a host with the attempts that are open on it."""
    facts = host.facts
    found = facts.gpus if facts else ()
    state: State = "ready" if host.name == LOCAL and host.state == "unknown" else host.state
    return HostView(
        name=host.name, address=host.address, state=state, reason=host.reason, draining=host.draining,
        labels=list(host.labels), engine=facts.engine if facts else "", cpus=facts.cpus if facts else 0.0,
        memory_gb=facts.memory_gb if facts else 0.0, disk_gb=facts.disk_gb if facts else 0.0,
        disk_free_gb=facts.disk_free_gb if facts else 0.0, gpus=list(_gpus(host, attempts)),
        declared=bool(host.declared) and not found, declared_gpus=declared_texts(host.declared),
        prices=dict(host.prices), cpu_used=sum((attempt.cpu for attempt in attempts), 0.0),
        memory_used_gb=sum((attempt.memory_gb for attempt in attempts), 0.0), running=len(attempts),
        checked=host.checked, created=host.created, cache_gb=host.cache_gb, files=host.files,
        tls=dict(host.tls),
    )  # fmt: skip


def _gpus(host: Host, attempts: Sequence[Attempt]) -> Iterable[GpuView]:
    holders = {index: attempt for attempt in attempts for index in attempt.gpus or ()}
    for gpu in host.gpus:
        holder = holders.get(gpu.index)
        yield GpuView(
            gpu.index, gpu.kind, gpu.memory_gb, gpu.driver, gpu.utilisation,
            holder.run_id if holder else None, holder.node if holder else None,
        )  # fmt: skip
