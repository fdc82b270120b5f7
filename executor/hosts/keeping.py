"""Looks at every host each minute, at new ones at once, and writes down what has changed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from executor.database.session import Database
from executor.database.tables import Host as HostRow
from executor.hosts.inventory import Inventory
from executor.hosts.model import LOCAL, Facts, Host
from executor.hosts.probing import Engine, probe
from nodegraph.errors import NodeGraphError

_log = logging.getLogger(__name__)
EVERY_SECONDS = 60.0
LONGEST_SECONDS = 10.0
_TICK_SECONDS = 1.0
# This machine is known without its engine; a server that starts has better things to do.
_LOCAL_AFTER_SECONDS = 5.0


class HostKeeper:
    """A thread that looks at hosts; `check` looks now, with or without the thread.

    Each look has a thread of its own, so that a host that hangs holds up nobody; an answer that comes late
    counts when it comes. `engine` gives the engine of a host by name.
    """

    def __init__(self, database: Database, inventory: Inventory, engine: Callable[[str], Engine]) -> None:
        self._database = database
        self._inventory = inventory
        self._engine = engine
        self._looks: dict[str, threading.Event] = {}
        self._asked: dict[str, float] = {}
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
        for name, ended in looks.items():
            if not ended.wait(max(0.0, until - time.monotonic())):
                self._note(name, None, _silent())

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
                asked, busy = self._asked.get(host.name), host.name in self._looks
            if not busy and (asked is None or now - asked >= EVERY_SECONDS or _is_new(host)):
                self._begin(host.name, thorough=host.facts is None)
            elif busy and asked is not None and now - asked >= LONGEST_SECONDS:
                self._note(host.name, None, _silent())

    def _begin(self, name: str, *, thorough: bool) -> threading.Event:
        """Start a look, or join the one that is under way; the event tells its end."""
        with self._lock:
            if name in self._looks:
                return self._looks[name]
            self._asked[name] = time.monotonic()
            ended = self._looks[name] = threading.Event()
        threading.Thread(target=self._look, args=(name, thorough), name=f"look {name}", daemon=True).start()
        return ended

    def _look(self, name: str, thorough: bool) -> None:
        try:
            host = self._inventory.get(name)
            if host is not None:
                try:
                    self._note(name, probe(host, self._engine(name), thorough=thorough), "")
                except NodeGraphError as error:
                    self._note(name, None, _reason(error))
        except Exception as error:  # a thread of its own: nobody else would tell
            _log.warning("The host %s could not be looked at: %s: %s", name, type(error).__name__, error)
        finally:
            with self._lock:
                self._looks.pop(name).set()

    def _note(self, name: str, facts: Facts | None, reason: str) -> None:
        """Write down what a look found. This machine has a row only once its engine has answered."""
        state = "unreachable" if facts is None else "ready"
        with self._database.write() as session:
            row = session.get(HostRow, name)
            if row is None:
                if name != LOCAL or facts is None:
                    return
                row = HostRow(name=LOCAL, created=time.time())
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
