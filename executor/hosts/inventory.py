"""Which hosts there are now: this machine, and those in the database, read again when it is time."""

from __future__ import annotations

import dataclasses
import threading
import time

from sqlmodel import select

from executor.database.session import Database
from executor.database.tables import Host as HostRow
from executor.hosts.machine import this_machine
from executor.hosts.model import LOCAL, Facts, Host, host_of

_FRESH_SECONDS = 1.0


class Inventory:
    """The hosts by name, this machine first. Cheap to ask; from any thread."""

    def __init__(self, database: Database, *, cores: float | None = None) -> None:
        self._database = database
        self._machine: Facts = this_machine(cores)
        self._hosts: dict[str, Host] = {}
        self._read = 0.0
        self._lock = threading.Lock()

    def hosts(self) -> dict[str, Host]:
        """All hosts, those that are drained, cannot be reached, or are not used too."""
        with self._lock:
            if not self._hosts or time.monotonic() - self._read > _FRESH_SECONDS:
                self._hosts, self._read = self._load(), time.monotonic()
            return self._hosts

    def get(self, name: str) -> Host | None:
        """A host; None where it was removed."""
        return self.hosts().get(name)

    def refresh(self) -> None:
        """Read again at the next question: something was changed."""
        with self._lock:
            self._read = 0.0

    def for_launcher(self, launcher: str) -> list[Host]:
        """The hosts that a launcher may start attempts on: processes run on this machine only."""
        hosts = self.hosts()
        if launcher == "process":
            return [hosts[LOCAL]]
        return [host for host in hosts.values() if host.state != "refused"]

    def first_with(self, engine_id: str, name: str) -> Host | None:
        """The host that has an engine already, where it has one under another name than this; else None.

        This machine is always the first, then whoever was added before.
        """
        hosts = list(self.hosts().values())
        known = [one for one in hosts if one.facts and one.facts.id == engine_id and one.state != "refused"]
        first = min(known, key=lambda one: (one.name != LOCAL, one.created), default=None)
        asked = next((one for one in hosts if one.name == name), None)
        if not engine_id or name == LOCAL or first is None or first.name == name:
            return None
        later = asked is None or first.name == LOCAL or first.created < asked.created
        return first if later else None

    def _load(self) -> dict[str, Host]:
        with self._database.read() as session:
            found = {row.name: host_of(row) for row in session.exec(select(HostRow)).all()}
        local = found.pop(LOCAL, None) or Host(LOCAL)
        facts = self._machine
        if local.facts is not None:
            # Of this machine's engine; what the machine itself has is known better here.
            facts = dataclasses.replace(
                facts, engine=local.facts.engine, nvidia=local.facts.nvidia, disk_gb=local.facts.disk_gb,
                disk_free_gb=local.facts.disk_free_gb, id=local.facts.id,
                gpus=local.facts.gpus if len(local.facts.gpus) == len(facts.gpus) else facts.gpus,
            )  # fmt: skip
        return {LOCAL: dataclasses.replace(local, facts=facts), **dict(sorted(found.items()))}
