"""Gives nodes that wait a place: on which host, with which GPUs; keeps room for those that must wait."""

from __future__ import annotations

from collections import defaultdict

from executor.engine.demands import Ask, Demand, demand_of
from executor.engine.desk import Desk
from executor.engine.leases import Kept, Lease, gpus_for
from executor.engine.model import ActiveNode
from executor.engine.queue import Queue
from executor.hosts.model import LOCAL, Host

_LITTLE = 1e-9


class Placing:
    """Walks along the queue and leases what is free.

    A node that does not fit has room kept for it on the host where it lacks least, and those behind it may
    have the rest: large nodes get their turn, and hold up only what competes with them.
    """

    def __init__(self, desk: Desk, queue: Queue) -> None:
        self._desk = desk
        self._queue = queue
        self._hosts: dict[str, Host] = {}
        self._demands: dict[Ask, Demand] = {}
        self.roomy = True

    def place(self) -> list[ActiveNode]:
        """The nodes that start now, each with its lease. `roomy` says afterwards whether others could too."""
        kept: dict[str, Kept] = defaultdict(Kept)
        obstacles: dict[tuple[str, str], str] = {}
        started = []
        line = self._queue.line(self._desk.leases.held)
        self.roomy = not self._is_full(kept)
        for node in line if self.roomy else ():
            assert node.ask is not None
            demand = self.demand(node.ask)
            hosts = [host for host in demand.hosts if self._is_open(node.ask.launcher, host, obstacles)]
            lease = self._best(node, demand, hosts, kept)
            if lease is not None:
                self._desk.leases.claim(lease)
                node.lease = lease
                line.started(node)
                started.append(node)
            elif self._keep(demand, hosts, kept):
                line.charge(node)
            else:
                line.close(node.ask)
            self.roomy = not self._is_full(kept)
            if not self.roomy:
                break
        return started

    def demand(self, ask: Ask) -> Demand:
        """What an ask comes to on the hosts as they are now."""
        hosts = self._desk.world.inventory.hosts()
        if hosts is not self._hosts:
            self._hosts = hosts
            self._demands.clear()
        if ask not in self._demands:
            self._demands[ask] = demand_of(ask, self._desk.world.inventory.for_launcher(ask.launcher))
        return self._demands[ask]

    def obstacle(self, launcher: str, host: Host) -> str:
        """Why nothing can be started on a host now, whatever is free there."""
        found = self._desk.world.launchers.get(launcher)
        return found.obstacle(host.name) if found is not None else ""

    def _is_open(self, launcher: str, host: Host, obstacles: dict[tuple[str, str], str]) -> bool:
        if host.draining or host.facts is None:
            return False
        place = (launcher, host.name)
        if place not in obstacles:
            obstacles[place] = self.obstacle(launcher, host)
        return not obstacles[place]

    def _best(
        self, node: ActiveNode, demand: Demand, hosts: list[Host], kept: dict[str, Kept]
    ) -> Lease | None:
        user = node.run.row.user
        leases = self._desk.leases
        found = [
            (host, lease)
            for host in hosts
            if (lease := leases.fit(host, demand.resources, kept[host.name], user)) is not None
        ]
        if len(found) < 2:
            return found[0][1] if found else None
        return max(found, key=lambda one: (self._nearness(node, one[0]), self._fitness(one[0])))[1]

    def _nearness(self, node: ActiveNode, host: Host) -> tuple[int, int, bool]:
        """How much of a node's inputs a host has, and how many were made there; else this machine is nearest.

        Hosts that share files have nothing of their own: what was just written there is in their memory.
        """
        launcher = self._desk.world.launchers.get(node.run.row.launcher)
        sources = {source for sources in node.plan.sources.values() for source in sources}
        if launcher is None or not sources:
            return (0, 0, False)
        before = [(node.run.nodes[source.node], source.port) for source in sources]
        digests = {maker.row.outputs[port]["digest"] for maker, port in before}
        made = sum(maker.attempt is not None and maker.attempt.host == host.name for maker, _ in before)
        return (launcher.holds(host.name, digests), made, host.name == LOCAL)

    def _fitness(self, host: Host) -> tuple[int, float, float]:
        """Few free GPUs first, so that whole hosts stay for those who need many; then most cores, memory."""
        assert host.facts is not None
        used = self._desk.leases.used(host.name)
        free = len(host.gpus) - len(used.holders)
        return (-free, host.facts.cpus - used.cpu, host.facts.memory_gb - used.memory_gb)

    def _keep(self, demand: Demand, hosts: list[Host], kept: dict[str, Kept]) -> bool:
        def nearness(host: Host) -> tuple[int, float]:
            assert host.facts is not None
            used = self._desk.leases.used(host.name)
            free = sum(gpu.index not in used.holders for gpu in gpus_for(host, demand.resources))
            return (min(free, demand.resources.gpu), host.facts.cpus - used.cpu)

        keep = self._desk.leases.keep
        return any(
            keep(host, demand.resources, kept[host.name])
            for host in sorted(hosts, key=nearness, reverse=True)
        )

    def _is_full(self, kept: dict[str, Kept]) -> bool:
        """Whether no host has a core or memory to give: every node needs some of both."""
        for host in self._desk.world.inventory.hosts().values():
            if host.facts is not None and not host.draining and host.state != "refused":
                used, reserved = self._desk.leases.used(host.name), kept[host.name]
                cpu = host.facts.cpus - used.cpu - reserved.cpu
                if cpu > _LITTLE and host.facts.memory_gb - used.memory_gb - reserved.memory_gb > _LITTLE:
                    return False
        return True
