"""NodeGraph in numbers, for those who watch it: read from the database, so a restart loses none of them.

What has ended does not change any more: each ended run is counted once, so that a look costs as much as
there are runs that are new or not over.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlmodel import Session, col

from executor.database.session import Database
from executor.database.tables import Attempt, Run
from executor.engine.states import ATTEMPT_OPEN, RUN_FINAL
from executor.hosts.inventory import Inventory
from executor.hosts.model import LOCAL, Host
from executor.services.queue import Queue
from executor.services.tallies import Tally

_AT_ONCE = 5_000
# Named, so that the index on states serves: a look at all rows would read every pipeline text.
_OPEN = ("queued", "running")


@dataclass(frozen=True)
class HostMeter:
    """A host, how many GPUs it has, how many of them attempts hold."""

    name: str
    state: str
    gpus: int
    gpus_held: int


@dataclass(frozen=True)
class Readings:
    """The numbers of one moment: `waiting` is how many stand in the queue, `oldest_wait` is in seconds."""

    tally: Tally
    waiting: int
    oldest_wait: float
    hosts: list[HostMeter] = field(default_factory=list)


class Meters:
    """Reads the numbers; may be called from any thread."""

    def __init__(self, database: Database, inventory: Inventory) -> None:
        self._database = database
        self._inventory = inventory
        self._queue = Queue(database)
        self._reading = threading.Lock()
        self._ended = Tally()
        # Every run up to `_low` is counted, and of those above it `_counted`.
        self._low = 0
        self._counted: set[int] = set()

    def read(self) -> Readings:
        """The numbers as they are now."""
        with self._reading, self._database.read() as session:
            self._take_in(session)
            going = Tally()
            going.add(session, select(col(Run.id)).where(col(Run.state).in_(_OPEN)))
            hosts = self._hosts(session)
            tally = self._ended.with_(going)
        since = self._queue.since()
        waited = max(0.0, time.time() - min(since)) if since else 0.0
        return Readings(tally, len(since), waited, hosts)

    def _take_in(self, session: Session) -> None:
        """Count the runs that have ended since the last look."""
        new = select(col(Run.id)).where(col(Run.id) > self._low, col(Run.state).in_(RUN_FINAL))
        ids = [run for run in session.scalars(new) if run is not None and run not in self._counted]
        for start in range(0, len(ids), _AT_ONCE):
            self._ended.add(session, ids[start : start + _AT_ONCE])
        self._counted.update(ids)
        first_open = session.scalar(select(func.min(col(Run.id))).where(col(Run.state).in_(_OPEN)))
        self._low = first_open - 1 if first_open else max(self._counted, default=self._low)
        self._counted = {run for run in self._counted if run > self._low}

    def _hosts(self, session: Session) -> list[HostMeter]:
        held: dict[str, int] = {}
        going = select(col(Run.id)).where(col(Run.state).in_(_OPEN))
        statement = select(col(Attempt.host), col(Attempt.gpus)).where(
            col(Attempt.run_id).in_(going), col(Attempt.state).in_(ATTEMPT_OPEN)
        )
        for host, gpus in session.execute(statement):
            held[host] = held.get(host, 0) + len(gpus or ())
        return [
            HostMeter(host.name, _state(host), len(host.gpus), held.get(host.name, 0))
            for host in self._inventory.hosts().values()
        ]


def _state(host: Host) -> str:
    if host.draining:
        return "draining"
    # This machine runs processes whether its Docker engine was looked at or not.
    return "ready" if host.name == LOCAL and host.state == "unknown" else host.state
