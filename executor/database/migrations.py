"""The schema's version and the steps from one to the next, all in one transaction: a kill leaves none or all.

A step is a function that takes the connection. Version n of the schema is what stands after the first n
steps; PRAGMA user_version, which SQLite rolls back with the rest, says which version a file has.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Column, Connection, text
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


def _hosts(connection: Connection) -> None:
    _create(connection, tables.Host)
    _add(connection, tables.Run, "user", "priority", "concurrency", "not_before", "time_limit", "resubmits")
    _add(connection, tables.Run, "reason")
    _add(connection, tables.Attempt, "host", "cpu", "memory_gb", "gpu_kind", "price")


def _queue(connection: Connection) -> None:
    _add(connection, tables.NodeRun, "waiting")


def _notifications(connection: Connection) -> None:
    _create(connection, tables.Notification, tables.Setting)


def _create(connection: Connection, *models: type[SQLModel]) -> None:
    found = [SQLModel.metadata.tables[str(model.__tablename__)] for model in models]
    SQLModel.metadata.create_all(connection, tables=found, checkfirst=False)


def _add(connection: Connection, model: type[SQLModel], *names: str) -> None:
    """Add columns to a table that an earlier version made; one made by this version has them."""
    table = SQLModel.metadata.tables[str(model.__tablename__)]
    there = {row[1] for row in connection.execute(text(f'PRAGMA table_info("{table.name}")'))}
    for name in names:
        if name not in there:
            column: Column[object] = table.c[name]
            kind = column.type.compile(connection.dialect)
            connection.execute(
                text(f'ALTER TABLE "{table.name}" ADD COLUMN "{name}" {kind}{_default(column)}')
            )


def _default(column: Column[object]) -> str:
    """What rows that are there already get."""
    if column.nullable:
        return ""
    value = column.default.arg if column.default is not None else ""  # type: ignore[attr-defined]
    shown = f"'{value}'" if isinstance(value, str) else str(value)
    return f" NOT NULL DEFAULT {shown}"


STEPS: list[Callable[[Connection], None]] = [_first, _drafts, _hosts, _queue, _notifications]


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
