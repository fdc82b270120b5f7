"""Hosts as people handle them: add, change, drain, remove, look at."""

from __future__ import annotations

import builtins
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Unpack

from sqlmodel import Session, col, select

from executor.database.session import Database
from executor.database.tables import Attempt
from executor.database.tables import Host as HostRow
from executor.engine.states import ATTEMPT_OPEN
from executor.hosts.inventory import Inventory
from executor.hosts.keeping import HostKeeper
from executor.hosts.model import LOCAL, Host
from executor.launchers.base import Unreachable
from executor.launchers.docker.container import ATTEMPT, NODE, RUN
from executor.launchers.docker.fleet import DockerFleet
from executor.launchers.docker.purging import Purged
from executor.services.host_fields import HostFields, Said, checked_columns, refused_name
from executor.services.host_views import GpuView, HostView, host_view
from nodegraph.errors import Conflict, InvalidInput, NotFound
from nodegraph.suggest import did_you_mean

_SHOWN_RUNS = 5


@dataclass(frozen=True)
class Removed:
    """A host that is forgotten; `left` is the volume that stays there, `freed` what was removed there."""

    name: str
    left: str = ""
    freed: Purged | None = None


class Hosts:
    """All about hosts. `local` is this machine: it is always there, and has a row once it is spoken of."""

    def __init__(
        self, database: Database, inventory: Inventory, keeper: HostKeeper, fleet: DockerFleet
    ) -> None:
        self._database = database
        self._inventory = inventory
        self._keeper = keeper
        self._fleet = fleet

    def list(self) -> builtins.list[HostView]:
        """Every host with who uses it now, this machine first."""
        self._inventory.refresh()
        hosts = self._inventory.hosts()
        with self._database.read() as session:
            attempts = _open(session)
        return [
            host_view(host, [attempt for attempt in attempts if attempt.host == host.name])
            for host in hosts.values()
        ]

    def get(self, name: str) -> HostView:
        """One host; NotFound."""
        return host_view(self._host(name), self._attempts(name))

    def add(self, name: str, address: str, *, check: bool = True, **said: Unpack[Said]) -> HostView:
        """Add a host, and look at it at once. One that does not answer is added all the same.

        `labels` are words by which nodes ask for it; `gpus`, such as 4xA100:80, count where the engine shows
        none; `prices` are an hour of a GPU by kind, and of a core under `cpu`; `tls` names the files ca, cert
        and key of a tcp:// address; `files` is auto, shared or streamed; `cache_gb` may be kept there.
        InvalidInput carries every problem; Conflict where the engine is found to be that of another host.
        """
        given: HostFields = {"address": address, **said}
        self._inventory.refresh()
        hosts = self._inventory.hosts()
        columns = checked_columns(name, given, {}, hosts, problems=refused_name(name, hosts))
        with self._database.write() as session:
            if session.get(HostRow, name) is not None:
                raise Conflict(f"There is a host {name} already.", "Choose another name.")
            session.add(HostRow(name=name, created=time.time(), **columns))
        self._inventory.refresh()
        if not check:
            return self.get(name)
        view = self.check(name)[0]
        if view.state == "refused":
            first = self._first_with_engine_of(name)
            self.remove(name)
            raise Conflict(
                f"The engine at {address} is that of the host {first} already.",
                "Under two names its cores, memory and GPUs would be handed out twice. Give the address of "
                f"another machine, or change what is said of {first}: nodegraph hosts set {first}.",
            )
        return view

    def update(self, name: str, *, check: bool = True, **fields: Unpack[HostFields]) -> HostView:
        """Change what is said of a host; fields that are not named stay. Looks at it where that matters."""
        host = self._host(name)
        if name == LOCAL and fields.get("address", host.address) != host.address:
            raise InvalidInput(
                "The address of this machine's own engine is not kept here.",
                "Set DOCKER_HOST to the engine that is to be used, and start the server again.",
            )
        columns = checked_columns(name, fields, _kept(host), self._inventory.hosts())
        moved = bool({"address", "tls"} & fields.keys())
        self._change(name, **columns, **({"state": "unknown", "reason": "", "facts": None} if moved else {}))
        return self.check(name)[0] if check and moved else self.get(name)

    def remove(self, name: str, *, purge: bool = False) -> Removed:
        """Forget a host. Conflict while attempts run there; this machine cannot be removed.

        What nodes left there stays, or with `purge` is removed too: containers, and the volume with what was
        cached. Then raises LaunchError where the host does not answer, and nothing has changed.
        """
        if name == LOCAL:
            raise InvalidInput(
                "This machine cannot be removed.",
                "Drain it instead: nodegraph hosts drain local.",
            )
        self._host(name)
        engine = self._fleet.engine(name) if purge else None
        if engine is not None:
            try:
                engine.info()
            except Unreachable as error:
                hint = "Without --purge it is forgotten all the same; what nodes left there stays."
                raise Unreachable(error.category, error.message, hint) from error
        with self._database.write() as session:
            attempts = [attempt for attempt in _open(session) if attempt.host == name]
            if attempts:
                raise Conflict(
                    f"Attempts run on {name}: {_named(attempts)}.",
                    f"Drain it first (nodegraph hosts drain {name}), and remove it when they have ended.",
                )
            session.delete(session.get(HostRow, name))
        self._inventory.refresh()
        if engine is None:
            return Removed(name, self._fleet.left_on(name))
        return Removed(name, freed=self._fleet.purge(engine, self._in_use))

    def drain(self, name: str, on: bool = True) -> HostView:
        """Let nothing more start on a host; what runs there goes on. `on=False` takes it into use again."""
        self._host(name)
        self._change(name, draining=on)
        return self.get(name)

    def check(self, name: str | None = None) -> builtins.list[HostView]:
        """Look at a host now, or at all of them side by side, at most ten seconds each."""
        names = [self._host(name).name] if name else builtins.list(self._inventory.hosts())
        local = self._inventory.hosts()[LOCAL].facts
        if LOCAL not in names and not (local and local.id):
            # Or else nobody could tell that a host is this machine's own engine.
            self._keeper.check([LOCAL])
        self._keeper.check(names)
        return [view for view in self.list() if view.name in names]

    def _first_with_engine_of(self, name: str) -> str:
        facts = self._host(name).facts
        first = self._inventory.first_with(facts.id, name) if facts else None
        return first.name if first else LOCAL

    def _in_use(self, labels: Mapping[str, str]) -> bool:
        with self._database.read() as session:
            attempts = {(str(one.run_id), one.node, str(one.number)) for one in _open(session)}
        return tuple(labels.get(label, "") for label in (RUN, NODE, ATTEMPT)) in attempts

    def _host(self, name: str) -> Host:
        self._inventory.refresh()
        hosts = self._inventory.hosts()
        if name not in hosts:
            hint = did_you_mean(name, hosts) or "`nodegraph hosts list` lists them."
            raise NotFound(f"There is no host {name}.", hint)
        return hosts[name]

    def _attempts(self, name: str) -> builtins.list[Attempt]:
        with self._database.read() as session:
            return [attempt for attempt in _open(session) if attempt.host == name]

    def _change(self, name: str, **columns: Any) -> None:
        with self._database.write() as session:
            row = session.get(HostRow, name)
            if row is None:
                if name != LOCAL:
                    raise NotFound(f"There is no host {name}.", "It was removed meanwhile.")
                row = HostRow(name=LOCAL, created=time.time())
            for column, value in columns.items():
                setattr(row, column, value)
            session.add(row)
        self._inventory.refresh()


def _open(session: Session) -> builtins.list[Attempt]:
    return builtins.list(session.exec(select(Attempt).where(col(Attempt.state).in_(ATTEMPT_OPEN))).all())


def _kept(host: Host) -> dict[str, Any]:
    return {"address": host.address, "tls": dict(host.tls)}


def _named(attempts: Iterable[Attempt]) -> str:
    places = sorted({(attempt.run_id, attempt.node) for attempt in attempts})
    shown = ", ".join(f"{node} of run {run}" for run, node in places[:_SHOWN_RUNS])
    return f"{shown} and {len(places) - _SHOWN_RUNS} more" if len(places) > _SHOWN_RUNS else shown


__all__ = ["GpuView", "HostFields", "HostView", "Hosts", "Removed", "Said"]
