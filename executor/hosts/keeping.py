"""Looks at every host each minute, at new ones at once, and writes down what has changed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from executor.database.session import Database
from executor.database.tables import Host as HostRow
from executor.hosts.inventory import Inventory
from executor.hosts.model import LOCAL, Facts, Host, State
from executor.hosts.probing import Engine, look_closer, probe
from nodegraph.errors import NodeGraphError

_log = logging.getLogger(__name__)
EVERY_SECONDS = 60.0
_THOROUGHLY_EVERY_SECONDS = 600.0
LONGEST_SECONDS = 10.0
_TICK_SECONDS = 1.0
# A host that was looked at under this name, and is a new one now.
_NEW_SECONDS = 3.0
# This machine is known without its engine; a server that starts has better things to do.
_LOCAL_AFTER_SECONDS = 5.0

_TWICE = (
    "it is the engine of the host {first} too, and everything there would be handed out twice; remove one of "
    "the two, such as: nodegraph hosts remove {name}"
)
_BLIND = "its engine hands out GPUs, but none could be seen"


@dataclass
class _Look:
    """A look that is under way: whether the engine has answered, and whether all is seen."""

    thorough: bool
    answered: bool = False
    ended: threading.Event = field(default_factory=threading.Event)


class HostKeeper:
    """A thread that looks at hosts; `check` looks now, with or without the thread.

    Each look has a thread of its own, so that a host that hangs holds up nobody; an answer that comes late
    counts when it comes. `engine` gives the engine of a host by name.
    """

    def __init__(self, database: Database, inventory: Inventory, engine: Callable[[str], Engine]) -> None:
        self._database = database
        self._inventory = inventory
        self._engine = engine
        self._looks: dict[str, _Look] = {}
        self._asked: dict[str, float] = {}
        self._looked_closer: dict[str, float] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look at hosts."""
        self._stop.clear()
        self._asked.setdefault(LOCAL, time.monotonic() - EVERY_SECONDS + _LOCAL_AFTER_SECONDS)
        self._thread = threading.Thread(target=self._keep, name="hosts", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no longer; a look that has begun ends by itself."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=_TICK_SECONDS * 5)

    def check(self, names: Iterable[str]) -> None:
        """Look at these hosts side by side; one that does not answer in ten seconds is unreachable."""
        until = time.monotonic() + LONGEST_SECONDS
        looks = {name: self._begin(name, thorough=True) for name in names}
        for name, look in looks.items():
            if not look.ended.wait(max(0.0, until - time.monotonic())) and not look.answered:
                self._note_silence(name)

    def _keep(self) -> None:
        while not self._stop.wait(_TICK_SECONDS):
            try:
                self._tick()
            except Exception as error:  # the database may be busy or its disk full: look again later
                _log.warning("Hosts could not be looked at: %s: %s", type(error).__name__, error)

    def _tick(self) -> None:
        now = time.monotonic()
        for host in self._inventory.hosts().values():
            with self._lock:
                asked, look = self._asked.get(host.name), self._looks.get(host.name)
            pause = _NEW_SECONDS if _is_new(host) else EVERY_SECONDS
            if look is None and (asked is None or now - asked >= pause):
                closer = self._looked_closer.get(host.name)
                long_ago = closer is None or now - closer >= _THOROUGHLY_EVERY_SECONDS
                self._begin(host.name, long_ago or host.facts is None)
            elif look is not None and not look.answered and asked and now - asked >= LONGEST_SECONDS:
                self._note_silence(host.name)

    def _begin(self, name: str, thorough: bool) -> _Look:
        """Start a look, or join the one that is under way."""
        with self._lock:
            if name in self._looks:
                return self._looks[name]
            self._asked[name] = time.monotonic()
            if thorough:
                self._looked_closer[name] = self._asked[name]
            look = self._looks[name] = _Look(thorough)
        threading.Thread(target=self._look, args=(name, look), name=f"look {name}", daemon=True).start()
        return look

    def _look(self, name: str, look: _Look) -> None:
        try:
            host = self._inventory.get(name)
            if host is not None:
                self._look_at(host, look)
        except Exception as error:  # a thread of its own: nobody else would tell
            _log.warning("The host %s could not be looked at: %s: %s", name, type(error).__name__, error)
        finally:
            with self._lock:
                self._looks.pop(name)
            look.ended.set()

    def _look_at(self, host: Host, look: _Look) -> None:
        try:
            engine = self._engine(host.name)
            facts = probe(host, engine)
        except NodeGraphError as error:
            self._note(host, None, _reason(error))
            return
        look.answered = True
        if (first := self._inventory.first_with(facts.id, host.name)) is not None:
            self._note(host, facts, _TWICE.format(name=host.name, first=first.name), "refused")
            return
        unseen = facts.nvidia and not facts.gpus
        # A host that has GPUs and is not known to is one on which nodes that want some are impossible.
        if host.state != "ready" and not unseen:
            self._note(host, facts)
        facts = look_closer(host, engine, facts, thorough=look.thorough)
        self._note(host, facts, _BLIND if facts.nvidia and not facts.gpus else "")

    def _note_silence(self, name: str) -> None:
        host = self._inventory.get(name)
        if host is not None and host.reason != _silent():
            self._note(host, None, _silent())

    def _note(self, host: Host, facts: Facts | None, reason: str = "", state: State = "ready") -> None:
        """Write down what a look found. This machine has a row only once its engine has answered.

        What a look at a former address found says nothing of the present one.
        """
        if self._stop.is_set():
            return  # the data directory may be gone by now
        state = "unreachable" if facts is None else state
        with self._database.write() as session:
            row = session.get(HostRow, host.name)
            if row is None:
                if host.name != LOCAL or facts is None:
                    return
                row = HostRow(name=LOCAL, created=time.time())
            elif row.address != host.address:
                return
            found: dict[str, Any] = {"state": state, "reason": reason, "checked": time.time()}
            if facts is not None:
                found["facts"] = facts.as_dict()
            for column, value in found.items():
                setattr(row, column, value)
            session.add(row)
        self._inventory.refresh()


def _is_new(host: Host) -> bool:
    return host.name != LOCAL and host.state == "unknown"


def _silent() -> str:
    return f"no word for {LONGEST_SECONDS:g} s"


def _reason(error: NodeGraphError) -> str:
    reason: str = getattr(error, "reason", "") or error.message
    return reason.rstrip(".")
