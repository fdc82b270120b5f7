"""The engine's pen: collects changed rows during a tick, commits them at once, then does what depended on it.

Rows live in the engine's memory. Where the database cannot be written (full disk, a lock), nothing is
lost: the rows stay changed, what waits for them waits, and the next tick tries again.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable

from sqlmodel import SQLModel

from executor.database.rows import statements
from executor.database.session import Database
from executor.database.tables import Artifact, CacheEntry
from nodegraph.errors import Unavailable

_log = logging.getLogger(__name__)
Action = Callable[[], None]


class Journal:
    """Changed and new rows, and what to do once they are committed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: sqlite3.Connection | None = None
        self._changed: dict[int, SQLModel] = {}
        self._new: dict[int, SQLModel] = {}
        self._artifacts: dict[str, Artifact] = {}
        self._entries: dict[str, CacheEntry] = {}
        self._dropped: set[str] = set()
        self._actions: list[Action] = []
        self._later: dict[int, SQLModel] = {}
        self._waited = False
        self.failing = False

    def change(self, row: SQLModel) -> None:
        """A row that the database already holds has new values."""
        if id(row) not in self._new:
            self._changed[id(row)] = row

    def change_later(self, row: SQLModel) -> None:
        """A row has new values that a kill may undo: committed with others, or alone a turn later."""
        if id(row) not in self._new:
            self._later[id(row)] = row

    def add(self, row: SQLModel) -> None:
        """A row that the database does not hold yet."""
        self._new[id(row)] = row

    def keep(self, artifacts: list[Artifact], entry: CacheEntry | None) -> None:
        """Artifacts, and the cache entry that names them."""
        self._artifacts.update({row.digest: row for row in artifacts})
        if entry is not None:
            self._entries[entry.key] = entry
            self._dropped.discard(entry.key)

    def drop(self, key: str) -> None:
        """A cache entry whose artifacts are damaged or gone."""
        self._entries.pop(key, None)
        self._dropped.add(key)

    def entry(self, key: str) -> CacheEntry | None:
        """A cache entry that is not committed yet."""
        return self._entries.get(key)

    def dropped(self, key: str) -> bool:
        """Whether a cache entry is about to be removed."""
        return key in self._dropped

    def after(self, action: Action) -> None:
        """Do this once all that was written before it is committed."""
        self._actions.append(action)

    def flush(self) -> bool:
        """Commit everything in one transaction, then act; False where the database would not have it."""
        urgent = self._changed or self._new or self._artifacts or self._entries or self._dropped
        if self._later and (urgent or self._waited):
            self._changed.update(self._later)
            self._later.clear()
        self._waited = bool(self._later)
        if urgent or self._changed:
            try:
                self._commit()
            except Unavailable as error:
                if not self.failing:
                    _log.warning("%s", error.message)
                self.failing = True
                return False
            self.failing = False
            for collection in (self._changed, self._new, self._artifacts, self._entries, self._dropped):
                collection.clear()
        actions, self._actions = self._actions, []
        for action in actions:
            try:
                action()
            except Exception:
                _log.exception("what was to follow a commit failed; the rest goes on")
        return True

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()

    def _commit(self) -> None:
        if self._connection is None:
            self._connection = self._database.connection()
        artifacts, entries = statements(Artifact), statements(CacheEntry)
        with self._database.written(self._connection) as connection:
            for model, rows in _by_table(self._new).items():
                of = statements(model)
                connection.executemany(of.insert, map(of.inserted, rows))
            for model, rows in _by_table(self._changed).items():
                of = statements(model, "cancel_requested")  # the one field that others write
                connection.executemany(of.update, map(of.updated, rows))
            connection.executemany("DELETE FROM cacheentry WHERE key = ?", [(key,) for key in self._dropped])
            connection.executemany(artifacts.insert_new, map(artifacts.inserted, self._artifacts.values()))
            connection.executemany(entries.replace, map(entries.inserted, self._entries.values()))


def _by_table(rows: dict[int, SQLModel]) -> dict[type[SQLModel], list[SQLModel]]:
    tables: dict[type[SQLModel], list[SQLModel]] = {}
    for row in rows.values():
        tables.setdefault(type(row), []).append(row)
    return tables
