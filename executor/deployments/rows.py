"""The rows of services: intent first, then what became of it."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from sqlmodel import col, select

from executor.database.session import Database
from executor.database.tables import Service
from executor.deployments.server import Server

OPEN = ("starting", "healthy", "unhealthy")


class Rows:
    """Reads and writes the table Service, a transaction each."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> Service | None:
        """The service of that name."""
        with self._database.read() as session:
            return session.get(Service, name)

    def all(self) -> list[Service]:
        """Every service, the latest first."""
        with self._database.read() as session:
            return list(session.exec(select(Service).order_by(col(Service.created).desc())))

    def put(self, row: Service) -> None:
        """Write a whole row, over one of the same name."""
        with self._database.write() as session:
            session.merge(row)

    def update(self, name: str, **fields: Any) -> None:
        """Change fields of a row."""
        with self._database.write() as session:
            if row := session.get(Service, name):
                for field, value in fields.items():
                    setattr(row, field, value)

    def close(self, name: str, state: str, reason: str) -> None:
        """A service has ended."""
        self.update(name, state=state, reason=reason, stopped=time.time())


def server_of(row: Service) -> Server | None:
    """The process that a row names."""
    handle = row.handle
    return Server(handle["pid"], handle["started"], handle["mark"]) if handle else None


def handle_of(server: Server, restarts: int = 0) -> dict[str, Any]:
    """What a row keeps of a process."""
    return {**asdict(server), "restarts": restarts}
