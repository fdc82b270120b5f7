"""Whether a server can do its work: its engine and its database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy.exc import DatabaseError
from sqlmodel import select

from executor.database.session import Database
from executor.database.tables import Run
from executor.engine.engine import Engine


@dataclass(frozen=True)
class Health:
    """`died`: the engine's thread has ended though nobody asked it to."""

    engine: Literal["running", "elsewhere", "stopped"]
    database: Literal["ok", "unreadable"]
    died: bool

    @property
    def good(self) -> bool:
        """Whether nothing has to be done about it."""
        return self.database == "ok" and not self.died


def health_of(database: Database, engine: Engine | None, *, elsewhere: bool) -> Health:
    """How engine and database are now."""
    died = engine is not None and not engine.alive
    state: Literal["running", "elsewhere", "stopped"] = "elsewhere" if elsewhere else "stopped"
    if engine is not None and not died:
        state = "running"
    return Health(state, "ok" if _readable(database) else "unreadable", died)


def _readable(database: Database) -> bool:
    try:
        with database.read() as session:
            session.exec(select(Run.id).limit(1)).first()
    except DatabaseError:
        return False
    return True
