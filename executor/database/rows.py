"""Rows on their way to the database through its driver.

The engine writes several rows for each node that moves. The ORM's bookkeeping for them would take longer than
SQLite itself, and longer than most else that the engine does for a node.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import JSON
from sqlmodel import SQLModel


class Statements:
    """What puts whole rows of a table into the database, and the values for it, in order."""

    def __init__(self, model: type[SQLModel], without: Collection[str] = ()) -> None:
        table = model.__table__  # type: ignore[attr-defined]
        self._json = {column.name for column in table.columns if isinstance(column.type, JSON)}
        self._columns = [column.name for column in table.columns]
        self._keys = [column.name for column in table.primary_key]
        self._others = [name for name in self._columns if name not in (*self._keys, *without)]
        names, marks = ", ".join(self._columns), ", ".join("?" * len(self._columns))
        changes = ", ".join(f"{name} = ?" for name in self._others)
        place = " AND ".join(f"{name} = ?" for name in self._keys)
        self.insert = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"
        self.insert_new = f"INSERT OR IGNORE INTO {table.name} ({names}) VALUES ({marks})"
        self.replace = f"INSERT OR REPLACE INTO {table.name} ({names}) VALUES ({marks})"
        self.update = f"UPDATE {table.name} SET {changes} WHERE {place}"

    def inserted(self, row: SQLModel) -> list[Any]:
        """The values for an insert."""
        return [self._value(row, name) for name in self._columns]

    def updated(self, row: SQLModel) -> list[Any]:
        """The values for an update."""
        return [self._value(row, name) for name in (*self._others, *self._keys)]

    def _value(self, row: SQLModel, name: str) -> Any:
        value = row.__dict__[name]
        return json.dumps(value) if value is not None and name in self._json else value


@cache
def statements(model: type[SQLModel], *without: str) -> Statements:
    """The statements for a table; `without` are columns that an update leaves as they are."""
    return Statements(model, without)
