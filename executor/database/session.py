"""Opening the database: SQLite in WAL mode, transactions that say what they are for, damage refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlmodel import Session

from executor.database.damage import refuse_damaged
from executor.database.migrations import STEPS, migrate
from nodegraph.errors import DataDirError, Unavailable

BUSY_SECONDS = 30.0


class Database:
    """One SQLite file. `read` and `write` are transactions; no network or process call belongs inside."""

    def __init__(self, path: Path) -> None:
        self.path = path
        refuse_damaged(path)
        self._engine = create_engine(
            f"sqlite:///{path}", connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}
        )
        event.listen(self._engine, "connect", _configure)
        event.listen(self._engine, "begin", _begin)
        self._writer = self._engine.execution_options(immediate=True)
        try:
            if self._version() != len(STEPS):
                with self._writer.begin() as connection:
                    migrate(connection)
        except (DatabaseError, sqlite3.DatabaseError) as error:
            self.close()
            raise DataDirError(
                f"The database {path} cannot be used: {_reason(error)}.",
                "Restore it from a backup, or choose another directory with --data-dir.",
            ) from error

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading: it sees one state of the database throughout."""
        with Session(self._engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session for writing, committed at its end; waits for other writers first. Raises Unavailable."""
        try:
            with Session(self._writer, expire_on_commit=False) as session, session.begin():
                yield session
        except OperationalError as error:
            raise _unavailable(error) from error

    def connection(self) -> sqlite3.Connection:
        """The driver's own connection, for a thread that asks small questions often; the caller closes it.

        Each statement is a transaction of its own.
        """
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS)
        _configure(connection, None)
        return connection

    @contextmanager
    def written(self, connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
        """A transaction for writing over such a connection. Raises Unavailable; then nothing is written."""
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except sqlite3.OperationalError as error:
            raise _unavailable(error) from error

    def integrity(self) -> str:
        """SQLite's own verdict: ok, or what is wrong."""
        with self._engine.connect() as connection:
            return str(connection.scalar(text("PRAGMA integrity_check")))

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _version(self) -> int:
        with self._engine.connect() as connection:
            return int(connection.scalar(text("PRAGMA user_version")) or 0)


def _configure(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own transactions would begin too late for migrations and too weakly for writers.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
    connection.execute("PRAGMA journal_mode = WAL")
    # In WAL mode NORMAL survives any kill of a process; only a power cut may lose the last moments.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _unavailable(error: Exception) -> Unavailable:
    hint = "Nothing was changed. Free space, or end what holds it locked, and try again."
    return Unavailable(f"The database cannot be written: {_reason(error)}.", hint)


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error)
