"""Hosts as the engine and people see them: a machine, what was last found on it, what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

if TYPE_CHECKING:  # whoever only looks at an engine needs no database
    from executor.database.tables import Host as HostRow

# This machine: processes run on it, and containers of the engine that DOCKER_HOST names.
LOCAL = "local"

# Refused is an engine that another host has too: it would be handed out twice.
State = Literal["unknown", "ready", "unreachable", "refused"]
Files = Literal["auto", "shared", "streamed"]


@dataclass(frozen=True)
class Gpu:
    """One GPU: its number on the host, by which it is handed out; `utilisation` is from 0 to 1."""

    index: int
    kind: str
    memory_gb: float = 0.0
    id: str = ""
    driver: str = ""
    utilisation: float | None = None


@dataclass(frozen=True)
class Facts:
    """What a look at a host found: its engine's version, and what there is to hand out.

    `nvidia` says whether its engine hands out GPUs; `name` is the machine's own name, `id` the engine's.
    """

    cpus: float
    memory_gb: float
    engine: str = ""
    disk_gb: float = 0.0
    disk_free_gb: float = 0.0
    gpus: tuple[Gpu, ...] = ()
    nvidia: bool = False
    name: str = ""
    id: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For the database."""
        return asdict(self)

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Facts:
        """From the database."""
        return cls(**{**found, "gpus": tuple(Gpu(**gpu) for gpu in found.get("gpus") or ())})


@dataclass(frozen=True)
class Host:
    """A machine that attempts may run on.

    `facts` is None until it was looked at; `declared` are GPUs named by hand, used where none were found;
    `prices` are an hour of a GPU by its kind, and of one core under `cpu`.
    """

    name: str
    address: str = ""
    files: Files = "auto"
    tls: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    declared: tuple[Gpu, ...] = ()
    prices: Mapping[str, float] = field(default_factory=dict)
    cache_gb: float = 200.0
    draining: bool = False
    state: State = "unknown"
    reason: str = ""
    facts: Facts | None = None
    created: float = 0.0
    checked: float | None = None

    @property
    def gpus(self) -> tuple[Gpu, ...]:
        """The GPUs there are to hand out."""
        found = self.facts.gpus if self.facts else ()
        return found or self.declared

    def price(self, cpu: float, gpus: tuple[int, ...]) -> float:
        """What an attempt with these cores and GPUs costs an hour."""
        kinds = {gpu.index: gpu.kind for gpu in self.gpus}
        taken = sum(self.prices.get(kinds.get(index, ""), 0.0) for index in gpus)
        return cpu * self.prices.get("cpu", 0.0) + taken


def host_of(row: HostRow) -> Host:
    """The host that a row of the database describes."""
    return Host(
        name=row.name, address=row.address, files=_files(row.files), tls=row.tls or {},
        labels=tuple(row.labels or ()), declared=tuple(Gpu(**gpu) for gpu in row.gpus or ()),
        prices=row.prices or {}, cache_gb=row.cache_gb, draining=row.draining, state=_state(row.state),
        reason=row.reason, facts=Facts.of(row.facts) if row.facts else None, created=row.created,
        checked=row.checked,
    )  # fmt: skip


def _files(text: str) -> Files:
    return "shared" if text == "shared" else "streamed" if text == "streamed" else "auto"


def _state(text: str) -> State:
    for state in get_args(State):
        if state == text:
            return cast(State, state)
    return "unknown"
