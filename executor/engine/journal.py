"""The engine's pen: collects changed rows during a tick, commits them at once, then does what depended on it.

Rows live in the engine's memory. Where the database cannot be written (full disk, a lock), nothing is
lost: the rows stay changed, what waits for them waits, and the next tick tries again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlmodel import SQLModel

from executor.database.session import Database
from executor.database.tables import Artifact, CacheEntry
from nodegraph.errors import Unavailable

_log = logging.getLogger(__name__)
Action = Callable[[], None]


class Journal:
    """Changed and new rows, and what to do once they are committed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changed: dict[int, SQLModel] = {}
        self._new: dict[int, SQLModel] = {}
        self._artifacts: dict[str, dict[str, Any]] = {}
        self._entries: dict[str, CacheEntry] = {}
        self._dropped: set[str] = set()
        self._actions: list[Action] = []
        self.failing = False

    def change(self, row: SQLModel) -> None:
        """A row that the database already holds has new values."""
        if id(row) not in self._new:
            self._changed[id(row)] = row

    def add(self, row: SQLModel) -> None:
        """A row that the database does not hold yet."""
        self._new[id(row)] = row

    def keep(self, artifacts: list[Artifact], entry: CacheEntry | None) -> None:
        """Artifacts, and the cache entry that names them."""
        self._artifacts.update({row.digest: row.model_dump() for row in artifacts})
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
        if self._changed or self._new or self._artifacts or self._entries or self._dropped:
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
            action()
        return True

    def _commit(self) -> None:
        with self._database.write() as session:
            connection = session.connection()
            for model, rows in _by_table(self._new).items():
                connection.execute(insert(model), rows)
            for model, rows in _by_table(self._changed).items():
                session.execute(update(model), [_ours(row) for row in rows])
            for key in self._dropped:
                connection.execute(CacheEntry.__table__.delete().where(CacheEntry.key == key))  # type: ignore[attr-defined]
            if self._artifacts:
                statement = upsert(Artifact).on_conflict_do_nothing()
                connection.execute(statement, list(self._artifacts.values()))
            for entry in self._entries.values():
                session.merge(entry)


def _ours(row: dict[str, Any]) -> dict[str, Any]:
    """Without the one field that others write."""
    row.pop("cancel_requested", None)
    return row


def _by_table(rows: dict[int, SQLModel]) -> dict[type[SQLModel], list[dict[str, Any]]]:
    tables: dict[type[SQLModel], list[dict[str, Any]]] = {}
    for row in rows.values():
        tables.setdefault(type(row), []).append(row.model_dump())
    return tables
