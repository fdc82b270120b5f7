"""Tells nodes that wait for a place why, and where in the line they stand."""

from __future__ import annotations

import time

from executor.engine import failures
from executor.engine.demands import Ask, Demand
from executor.engine.desk import Desk
from executor.engine.leases import gpus_for
from executor.engine.model import ActiveNode
from executor.engine.placing import Placing
from executor.engine.queue import Queue
from executor.engine.wants import of_gpus, of_host, of_rest
from executor.hosts.model import Host

# How many in the line are told their position; the others hear only that they are behind these.
TOLD = 100
BEHIND = f"behind {TOLD} others"
_EVERY = 1.0
# Most nodes wait for less: they need no word of it.
_PATIENCE = 0.4


class Waiting:
    """Looks along the queue about once a second; writes what has changed."""

    def __init__(self, desk: Desk, queue: Queue, placing: Placing) -> None:
        self._desk = desk
        self._queue = queue
        self._placing = placing
        self._told: set[ActiveNode] = set()
        self._looked = 0.0

    def tell(self) -> None:
        """Tell the first in the line their positions, and those that arrived behind them that they wait."""
        now = time.time()
        if not self._queue:
            self._queue.arrived.clear()
            self._told.clear()
        if not self._queue or 0 <= now - self._looked < _EVERY:
            return
        self._looked = now
        ahead: set[ActiveNode] = set()
        line = self._queue.line(self._desk.leases.held)
        for position, node in enumerate(line, 1):
            if position > TOLD:
                break
            line.charge(node)
            ahead.add(node)
            if now - node.since > _PATIENCE:
                self._show(node, position, *self._reason(node, position))
        behind = {*self._told, *self._queue.arrived} - ahead
        self._queue.arrived = [node for node in behind if now - node.since <= _PATIENCE]
        for node in behind.difference(self._queue.arrived):
            if node.phase == "ready":
                self._show(node, TOLD + 1, BEHIND)
        self._told = ahead

    def _show(self, node: ActiveNode, position: int, reason: str, is_away: bool = False) -> None:
        assert node.ask is not None
        row = node.row
        was_away = row.error == failures.waits(row.reason)
        error = failures.waits(reason) if is_away else None if was_away else row.error
        hosts = list(self._desk.world.inventory.hosts().values())
        waiting = {"wants": wants(node.ask, hosts), "position": position, "since": node.since}
        if (row.reason, row.waiting, row.error) != (reason, waiting, error):
            row.reason, row.waiting, row.error = reason, waiting, error
            self._desk.show(node)

    def _reason(self, node: ActiveNode, position: int) -> tuple[str, bool]:
        """Why it waits, and whether that is because no host that could run it answers."""
        ask = node.ask
        assert ask is not None
        demand = self._placing.demand(ask)
        if demand.fault is not None:
            return f"{demand.fault.message} {demand.fault.hint}", False
        hosts = [host for host in demand.hosts if not host.draining]
        if not hosts:
            return "every host that could run it is drained", False
        obstacles = [self._placing.obstacle(ask.launcher, host) for host in hosts]
        if all(obstacles):
            return obstacles[0], True
        hosts = [host for host, obstacle in zip(hosts, obstacles, strict=True) if not obstacle]
        if all(host.facts is None for host in hosts):
            return f"nobody has looked yet at what the host {hosts[0].name} has", False
        return f"waiting for {self._lacking(demand, hosts)}, position {position}", False

    def _lacking(self, demand: Demand, hosts: list[Host]) -> str:
        """What is not free in the amount that the node needs: GPUs, or else cores and memory."""
        wanted, used = demand.resources, self._desk.leases.used
        free = (
            sum(gpu.index not in used(host.name).holders for gpu in gpus_for(host, wanted)) for host in hosts
        )
        what = of_gpus(wanted) if max(free) < wanted.gpu else of_rest(wanted)
        where = of_host(wanted.host, list(self._desk.world.inventory.hosts().values()))
        return f"{what} {where}".rstrip()


def wants(ask: Ask, hosts: list[Host]) -> str:
    """What a node asks for, in words."""
    what = of_gpus(ask.wanted) if ask.wanted.gpu else of_rest(ask.wanted)
    return f"{what} {of_host(ask.wanted.host, hosts)}".rstrip()
