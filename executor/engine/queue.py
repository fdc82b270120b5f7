"""The nodes that wait for a place on a host, and the order in which they are served.

Higher priorities first; then whoever holds least, GPUs before cores, of those who hold the same the one
whose last turn is longest ago; then first come, first served. Nodes that ask for the same stand in one lane:
where one of them finds no place, those behind it need not be tried.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from executor.engine.demands import Ask
from executor.engine.model import ActiveNode

Held = Callable[[str], tuple[int, float]]


class Share(NamedTuple):
    """Nodes of one priority and one user."""

    priority: int
    user: str


@dataclass
class Lane:
    """Nodes of one share that ask for the same, in their order; a line has passed the first `passed`."""

    nodes: list[ActiveNode] = field(default_factory=list)
    passed: int = 0

    def first(self) -> ActiveNode | None:
        """The first node that was not passed yet; those that were cancelled meanwhile are dropped."""
        while self.passed < len(self.nodes):
            node = self.nodes[self.passed]
            if node.phase == "ready":
                return node
            del self.nodes[self.passed]
        return None


Lanes = dict[Ask, Lane]


class Queue:
    """All nodes that wait. Belongs to the engine's thread."""

    def __init__(self) -> None:
        self._shares: dict[Share, Lanes] = {}
        self._turns: dict[str, int] = {}
        self.arrived: list[ActiveNode] = []

    def add(self, node: ActiveNode) -> None:
        """A node is ready to start. `arrived` holds it too, for whoever tells it that it waits."""
        assert node.ask is not None
        share = Share(node.run.row.priority, node.run.row.user)
        lane = self._shares.setdefault(share, {}).setdefault(node.ask, Lane())
        insort(lane.nodes, node, key=lambda one: one.order)
        self.arrived.append(node)

    def line(self, held: Held) -> Line:
        """The nodes in the order in which they are served, from the first; `held` is what a user holds."""
        for share, lanes in list(self._shares.items()):
            for ask, lane in list(lanes.items()):
                lane.passed = 0
                if lane.first() is None:
                    del lanes[ask]
            if not lanes:
                del self._shares[share]
        return Line(self._shares, held, self._turns)

    def __bool__(self) -> bool:
        return any(lane.nodes for lanes in self._shares.values() for lane in lanes.values())


class Line:
    """One walk along the queue. Of each node it gives, say what became of it before asking for the next."""

    def __init__(self, shares: dict[Share, Lanes], held: Held, turns: dict[str, int]) -> None:
        self._shares = shares
        self._held = held
        self._turns = turns
        self._next_turn = max(turns.values(), default=0) + 1
        self._charged: dict[str, tuple[int, float]] = {}
        self._closed: set[Ask] = set()
        self._lane = Lane()
        self._heap: list[tuple[int, tuple[int, float, int], tuple[int, int], Share]] = []
        for share in shares:
            self._push(share)

    def __iter__(self) -> Iterator[ActiveNode]:
        while self._heap:
            *_, share = heapq.heappop(self._heap)
            lane = self._lane_of(share)
            if lane is not None and (node := lane.first()) is not None:
                self._lane = lane
                lane.passed += 1
                yield node
                self._push(share)

    def started(self, node: ActiveNode) -> None:
        """The node got a place: it leaves the queue, and its user has had a turn."""
        self._turns[node.run.row.user] = self._next_turn
        self._next_turn += 1
        self._lane.passed -= 1
        del self._lane.nodes[self._lane.passed]

    def charge(self, node: ActiveNode) -> None:
        """The node stays, and its user counts as having what it waits for."""
        assert node.ask is not None
        gpus, cpu = self._charged.get(node.run.row.user, (0, 0.0))
        wanted = node.ask.wanted
        self._charged[node.run.row.user] = (gpus + wanted.gpu, cpu + wanted.cpu)

    def close(self, ask: Ask) -> None:
        """The node stays, and nodes that ask for the same are passed over."""
        self._closed.add(ask)

    def _push(self, share: Share) -> None:
        lane = self._lane_of(share)
        if lane is not None and (node := lane.first()) is not None:
            gpus, cpu = self._held(share.user)
            more, further = self._charged.get(share.user, (0, 0.0))
            rank = (gpus + more, cpu + further, self._turns.get(share.user, 0))
            heapq.heappush(self._heap, (-share.priority, rank, node.order, share))

    def _lane_of(self, share: Share) -> Lane | None:
        """The lane whose first node came first."""
        found: Lane | None = None
        earliest: tuple[int, int] | None = None
        for ask, lane in self._shares[share].items():
            node = lane.first() if ask not in self._closed else None
            if node is not None and (earliest is None or node.order < earliest):
                found, earliest = lane, node.order
        return found
