"""Kills servers again and again while runs go on, then compares what is there with what was promised."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from executor.database.tables import Attempt, Run
from executor.engine.states import ATTEMPT_OPEN, RUN_FINAL
from executor.services.workspace import Workspace
from tests.chaos import far, history, measures, points, workload
from tests.chaos.points import Point
from tests.chaos.server import TYPES
from tests.chaos.servers import Place, Server
from tests.chaos.verdict import Verdict, judge, place_of
from tests.executor.docker.own_engine import OwnEngine

# Runs that are open at a time: what two cores can carry.
_OPEN = 6
_PATIENCE = 6.0
_DRAIN_SECONDS = 180.0
_FIND_SECONDS = 60.0


@dataclass
class Figures:
    """What was seen, times in seconds; of processor time where that tells more on a busy machine."""

    kills: int = 0
    at_points: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    ready: list[float] = field(default_factory=list)
    reattached: list[float] = field(default_factory=list)
    reattached_cpu: list[float] = field(default_factory=list)
    dead_seen: list[float] = field(default_factory=list)
    cancelled: list[float] = field(default_factory=list)
    verdict: Verdict = field(default_factory=Verdict)


class Chaos:
    """`launchers` take turns; the seed decides what is killed when.

    The launcher `far` is that of containers, with most nodes on the host behind the engine `other`.
    """

    def __init__(
        self,
        place: Place,
        launchers: list[str],
        *,
        seed: int = 0,
        old_runs: int = 1_000,
        other: OwnEngine | None = None,
    ) -> None:
        self.place = place
        self.figures = Figures()
        self._dice = random.Random(seed)
        self._launchers = launchers
        self._next_launcher = cycle(launchers)
        self._acknowledged: dict[int, str] = {}
        self._finals: dict[int, str] = {}
        self._to_cancel: dict[int, float] = {}
        history.fill(place.data, old_runs)
        self._client = Workspace(place.data, nodes_root=TYPES)
        self._other = other
        if other is not None:
            far.take_in(self._client, other)

    def run(self, kills: int, say: Callable[[str], None] = lambda _: None) -> Figures:
        """Kill so many servers, let all runs end, judge; then measure what takes how long."""
        moments = cycle(self._moments())
        while self.figures.kills < kills:
            point = next(moments)
            died = self._one_life(point)
            self.figures.kills += 1
            name = point.name if point else "any moment"
            (self.figures.at_points if died else self.figures.missed)[name] += 1
            shown = name if died else f"missed {name}"
            say(f"{self.figures.kills}/{kills} killed: {shown}, {self._count_open()} open")
        server = self._started(None, 1)
        try:
            self._drain()
            address = self._other.address if self._other else ""
            self.figures.verdict = judge(self._client, self.place, self._acknowledged, self._finals, address)
            if self.figures.verdict.holds:
                measures.measure(self._client, self.place, self._launchers, self.figures, address)
        finally:
            server.leave()
            if not server.dead(30):
                server.kill()
            self._client.close()
        return self.figures

    def _moments(self) -> list[Point | None]:
        """All points in any order, and between them moments that nobody chose."""
        found: list[Point | None] = list(points.of(set(self._launchers)))
        found += [None] * (len(found) // 3)
        self._dice.shuffle(found)
        return found

    def _one_life(self, point: Point | None) -> bool:
        """Start a server, give it work, have it die; whether it died at the point."""
        server = self._started(point, self._dice.randint(1, point.passes) if point else 1)
        if server.process.returncode is not None:
            return True
        if point and point.needs:
            self._submit(point.needs)
        moment = self._dice.uniform(0, 1.0)
        until = time.monotonic() + (_PATIENCE if point else moment)
        leaving = time.monotonic() + moment if point and point.while_leaving else None
        while time.monotonic() < until:
            self._keep_busy()
            if leaving is not None and time.monotonic() > leaving:
                server.leave()
                leaving = None
            if server.dead(0.05):
                return point is not None and server.process.returncode != 0
        server.kill()
        return point is None

    def _started(self, point: Point | None, number: int) -> Server:
        waiting = {place_of(one) for one in self._open_attempts() if one.handle is not None}
        server = Server(self.place, point=point.name if point else "", number=number)
        self._keep_busy()
        ready = server.ready()
        if ready is not None:
            self.figures.ready.append(ready)
        else:
            assert server.process.returncode == -9, "the server did not start; see servers.log"
        self._reattached(server, waiting)
        return server

    def _reattached(self, server: Server, waiting: set[str]) -> None:
        """Note when the last of the attempts that a former server had started was found again."""
        until = time.monotonic() + _FIND_SECONDS
        last = {"time": server.began}
        while waiting and server.process.poll() is None:
            assert time.monotonic() < until, f"not found again: {waiting}"
            for line in self.place.said(server.process.pid):
                if line["what"] == "found" and line["attempt"] in waiting:
                    waiting.remove(line["attempt"])
                    last = line
            # One that had ended is closed so quickly that nobody need have found it.
            waiting &= {place_of(one) for one in self._open_attempts()}
            time.sleep(0.02)
        if last["time"] > server.began:
            self.figures.reattached.append(last["time"] - server.began)
            self.figures.reattached_cpu.append(last["cpu"])

    def _keep_busy(self) -> None:
        """Submit runs as others end, cancel those whose time has come, note who has ended."""
        now = time.monotonic()
        with self._client.database.read() as session:
            rows = session.exec(select(Run.id, Run.state).where(col(Run.id).in_(self._acknowledged))).all()
        for number, state in rows:
            if number is not None and state in RUN_FINAL:
                self._finals.setdefault(number, state)
        open_runs = len(self._acknowledged) - len(self._finals)
        for _ in range(_OPEN - open_runs):
            self._submit(workload.choose(self._dice))
        for number in [number for number, when in self._to_cancel.items() if when < now]:
            del self._to_cancel[number]
            self._cancel(number)

    def _submit(self, sort: str) -> None:
        launcher = next(self._next_launcher)
        host = far.HOST if launcher == "far" else ""
        text = workload.text(sort, self.place.ledger, self._dice, host)
        number = self._client.runs.submit(text, launcher="docker" if host else launcher)
        self._acknowledged[number] = sort
        if workload.SORTS[sort].cancelled:
            self._to_cancel[number] = time.monotonic() + self._dice.uniform(0, 2)

    def _cancel(self, number: int) -> None:
        """As another process asks for it; no engine is to be started here where the server is down."""
        with self._client.database.write() as session:
            session.execute(update(Run).where(col(Run.id) == number).values(cancel_requested=True))

    def _drain(self) -> None:
        until = time.monotonic() + _DRAIN_SECONDS
        self._to_cancel = dict.fromkeys(self._to_cancel, 0.0)
        for number in self._to_cancel:
            self._cancel(number)
        while self._count_open() and time.monotonic() < until:
            time.sleep(0.1)

    def _count_open(self) -> int:
        with self._client.database.read() as session:
            found = session.exec(select(Run.state).where(col(Run.id).in_(self._acknowledged))).all()
        return sum(state not in RUN_FINAL for state in found)

    def _open_attempts(self) -> list[Any]:
        with self._client.database.read() as session:
            return list(session.exec(select(Attempt).where(col(Attempt.state).in_(ATTEMPT_OPEN))).all())
