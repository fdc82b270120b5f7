"""How a service stands right now: its row, its process and what /health says, put together."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from executor.database.tables import Service
from executor.deployments import server as servers
from executor.deployments.rows import OPEN, server_of
from executor.deployments.server import Server
from executor.deployments.spec import ServiceSpec

State = Literal["starting", "healthy", "unhealthy", "stopped", "failed"]
_UNCLAIMED_SECONDS = 30.0


@dataclass(frozen=True)
class Live:
    """One service. `health` is what it says of itself while it is healthy; `gone`: its process has ended.

    `digest` is that of the artifact which describes it, `model_digest` that of its model in the store.
    `limits` and `defaults` are those of its service.json, as far as it has them.
    """

    name: str
    state: State
    reason: str
    base_url: str
    port: int | None
    model: str
    chat: bool
    api_key: str | None
    digest: str
    run_id: int | None
    node: str | None
    pid: int | None
    created: float
    started: float | None
    stopped: float | None
    last_used: float | None
    directory: str
    health: dict[str, Any] | None = None
    gone: bool = False
    limits: dict[str, Any] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)
    model_digest: str | None = None


def look(row: Service) -> Live:
    """The service of a row as it stands now; asks its process, writes nothing."""
    if row.state not in OPEN:
        return _live(row, row.state, row.reason)
    server = _server(row)
    if server is None:
        return _gone(row)
    spec = ServiceSpec.model_validate(row.spec)
    health = servers.ask_health(spec.host, row.port or spec.port, server.pid)
    if health is not None:
        return _live(row, "healthy", "", pid=server.pid, health=health)
    if row.state == "starting":
        return _live(row, "starting", "Its model is being loaded.", pid=server.pid)
    return _live(row, "unhealthy", "It does not answer.", pid=server.pid)


def _server(row: Service) -> Server | None:
    """Its living process, also where a kill kept its handle from being saved."""
    server = server_of(row)
    return server if server and server.alive else servers.found(Path(row.directory))


def _gone(row: Service) -> Live:
    if row.handle is None and time.time() - (row.started or row.created) < _UNCLAIMED_SECONDS:
        return _live(row, "starting", "Its process is being started.")
    said = servers.ended_by_itself(Path(row.directory))
    if said is not None:
        return _live(row, "stopped", said, gone=True)
    return _live(row, "unhealthy", "Its process is gone.", gone=True)


def _live(
    row: Service,
    state: Any,
    reason: str,
    *,
    pid: int | None = None,
    health: dict[str, Any] | None = None,
    gone: bool = False,
) -> Live:
    spec = ServiceSpec.model_validate(row.spec)
    last_used = row.last_used
    if health is not None and health.get("served"):
        last_used = time.time() - float(health.get("idle_seconds", 0))
    return Live(
        name=row.name, state=state, reason=reason, base_url=spec.base_url, port=row.port,
        model=spec.model.path, chat=spec.chat, api_key=spec.api_key, digest=row.digest,
        run_id=row.run_id, node=row.node, pid=pid,
        created=row.created, started=row.started, stopped=row.stopped, last_used=last_used,
        directory=row.directory, health=health, gone=gone,
        limits=_told(spec, "limits"), defaults=_told(spec, "defaults"), model_digest=spec.model.digest,
    )  # fmt: skip


def _told(spec: ServiceSpec, name: str) -> dict[str, Any]:
    found = (spec.model_extra or {}).get(name)
    return found if isinstance(found, dict) else {}
