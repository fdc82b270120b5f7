"""The schema's version and the steps from one to the next, all in one transaction: a kill leaves none or all.

A step is a function that takes the connection. Version n of the schema is what stands after the first n
steps; PRAGMA user_version, which SQLite rolls back with the rest, says which version a file has.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, text
from sqlmodel import SQLModel

from executor.database import tables
from nodegraph.errors import DataDirError


def _first(connection: Connection) -> None:
    _create(
        connection,
        tables.Pipeline, tables.PipelineVersion, tables.Run, tables.NodeRun, tables.Attempt,
        tables.Artifact, tables.CacheEntry, tables.Service, tables.Dataset, tables.Fingerprint,
    )  # fmt: skip


def _drafts(connection: Connection) -> None:
    _create(connection, tables.Draft)


def _create(connection: Connection, *models: type[SQLModel]) -> None:
    found = [SQLModel.metadata.tables[str(model.__tablename__)] for model in models]
    SQLModel.metadata.create_all(connection, tables=found, checkfirst=False)


STEPS: list[Callable[[Connection], None]] = [_first, _drafts]


def migrate(connection: Connection) -> None:
    """Bring the schema up to date inside the transaction that the caller has begun."""
    version = connection.scalar(text("PRAGMA user_version")) or 0
    if version > len(STEPS):
        raise DataDirError(
            f"The database was written by a newer NodeGraph (schema {version}, this one knows {len(STEPS)}).",
            "Use that version, or another data directory.",
        )
    for step in STEPS[version:]:
        step(connection)
    if version < len(STEPS):
        connection.execute(text(f"PRAGMA user_version = {len(STEPS)}"))
