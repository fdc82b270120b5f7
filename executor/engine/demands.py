"""What a node asks for, held against the hosts there are: which of them could run it, or why none can.

What a node type asks for is a wish: it gets as much of it as there is. What the pipeline file asks for
must be possible, but for cores, and but for one GPU of any kind where no host has any: it runs on the CPU.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from executor.engine.leases import gpus_for
from executor.engine.wants import number, of_gpus, of_kinds
from executor.hosts.model import Facts, Host
from nodegraph.contract import Resources
from nodegraph.plan import Step
from nodegraph.suggest import did_you_mean

# Of the memory that a machine is sold with, its firmware and kernel keep some.
_ALMOST = 0.9


@dataclass(frozen=True)
class Ask:
    """What a node asks for: with which launcher, how much, and which of it the pipeline file says itself."""

    launcher: str
    wanted: Resources
    explicit: frozenset[str] = frozenset()

    @classmethod
    def of(cls, step: Step, launcher: str) -> Ask:
        """What a step asks for."""
        given = step.node.resources
        wanted = step.registered.node.resources.merged(given)
        return cls(launcher, wanted, frozenset(given.model_fields_set if given else ()))


@dataclass(frozen=True)
class Fault:
    """Why no host could ever run a node, and what to do about it."""

    message: str
    hint: str


@dataclass(frozen=True)
class Demand:
    """What a node gets, and the hosts that could give it, busy, drained or out of reach as they may be.

    `note` says what it gets less than it asked for. `fault` is set where no host could run it.
    """

    resources: Resources
    hosts: tuple[Host, ...] = ()
    note: str = ""
    fault: Fault | None = None


def demand_of(ask: Ask, hosts: Sequence[Host]) -> Demand:
    """What an ask comes to on these hosts, which are those of its launcher."""
    return _Settling(ask, hosts).settle()


class _Settling:
    def __init__(self, ask: Ask, hosts: Sequence[Host]) -> None:
        self._ask = ask
        self._all = hosts
        wanted = ask.wanted
        self._places = [h for h in hosts if wanted.host is None or wanted.host in (h.name, *h.labels)]
        self._known = [host for host in self._places if host.facts is not None]
        # A host that nobody has looked at yet may have anything.
        self._unknown = [host for host in self._places if host.facts is None]
        self._notes: list[str] = []

    def settle(self) -> Demand:
        wanted = self._ask.wanted
        if not self._places:
            return Demand(wanted, fault=self._no_such_host())
        fault = self._gpus() or self._memory()
        if fault is not None:
            return Demand(self._ask.wanted, fault=fault)
        self._cores()
        return Demand(
            wanted.model_copy(update=self._given), (*self._known, *self._unknown), "; ".join(self._notes)
        )

    def _gpus(self) -> Fault | None:
        wanted = self._ask.wanted
        explicit = bool(self._ask.explicit & {"gpu", "gpu_kind"})
        most = max((len(gpus_for(host, wanted)) for host in self._known), default=0)
        count = wanted.gpu
        if count > most and not (explicit and self._unknown):
            if wanted.gpu == 1 and wanted.gpu_kind is None and not any(host.gpus for host in self._all):
                count = 0
                if explicit:
                    self._notes.append("runs on the CPU: no host has a GPU")
            elif explicit:
                return self._too_few(most)
            else:
                count = most
        self._known = [host for host in self._known if len(gpus_for(host, wanted)) >= count]
        self._given = {"gpu": count}
        return None

    def _memory(self) -> Fault | None:
        asked = self._ask.wanted.memory_gb
        most = max((_facts(host).memory_gb for host in self._known), default=asked)
        if "memory_gb" in self._ask.explicit and asked * _ALMOST > most and not self._unknown:
            return self._too_little(number(asked), number(most))
        if "memory_gb" not in self._ask.explicit:
            asked = min(asked, most)
        self._known = [host for host in self._known if _facts(host).memory_gb >= asked * _ALMOST]
        return None

    def _cores(self) -> None:
        asked = self._ask.wanted.cpu
        if "cpu" not in self._ask.explicit or not self._known:
            return
        most = max(_facts(host).cpus for host in self._known)
        if asked > most and not self._unknown:
            self._notes.append(f"runs with {number(most)} cores: no host has {number(asked)}")
        self._known = [host for host in self._known if _facts(host).cpus >= min(asked, most)]

    def _no_such_host(self) -> Fault:
        asked = self._ask.wanted.host or ""
        names = sorted({name for host in self._all for name in (host.name, *host.labels)})
        if self._ask.launcher == "process":
            hint = "Processes run on this machine only; run it with the launcher docker."
        else:
            hint = did_you_mean(asked, names) or f"There are: {', '.join(names)}."
        return Fault(f"There is no host called or labelled {asked}.", hint)

    def _too_few(self, most: int) -> Fault:
        wanted = self._ask.wanted
        kinds = sorted({gpu.kind for host in self._places for gpu in host.gpus})
        message = f"No host has {of_gpus(wanted)}."
        if wanted.host:
            message = f"No host called or labelled {wanted.host} has {of_gpus(wanted)}."
        if wanted.gpu_kind and wanted.gpu_kind not in kinds and kinds:
            return Fault(message, did_you_mean(wanted.gpu_kind, kinds) or f"There are: {', '.join(kinds)}.")
        if not kinds:
            return Fault(message, self._without_any())
        largest = max(self._places, key=lambda host: len(gpus_for(host, wanted)))
        has = of_kinds(gpus_for(largest, wanted))
        return Fault(message, f"The largest, {largest.name}, has {has}: ask for fewer, or add a larger host.")

    def _too_little(self, asked: str, most: str) -> Fault:
        wanted = self._ask.wanted
        message = f"No host has {asked} GB of memory."
        if self._given["gpu"]:
            message = f"No host with {of_gpus(wanted)} has {asked} GB of memory."
        elif wanted.host:
            message = f"No host called or labelled {wanted.host} has {asked} GB of memory."
        hint = f"The largest has {most} GB: ask for less memory_gb, or add a larger host."
        return Fault(message, hint)

    def _without_any(self) -> str:
        if self._ask.launcher == "process":
            return "This machine has none: ask for none, or run it with the launcher docker on another host."
        return "No host has a GPU; add one that has with `nodegraph hosts add`, or ask for none."


def _facts(host: Host) -> Facts:
    assert host.facts is not None
    return host.facts
