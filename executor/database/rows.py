"""Rows on their way to the database through its driver.

The engine writes several rows for each node that moves. The ORM's bookkeeping for them would take longer than
SQLite itself, and longer than most else that the engine does for a node.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, TypeVar, cast

from sqlalchemy import JSON
from sqlmodel import SQLModel

Row = TypeVar("Row", bound=SQLModel)


class Statements:
    """What puts whole rows of a table into the database, and the values for it, in order."""

    def __init__(self, model: type[SQLModel], without: Collection[str] = ()) -> None:
        table = model.__table__  # type: ignore[attr-defined]
        json_columns = {column.name for column in table.columns if isinstance(column.type, JSON)}
        columns = [column.name for column in table.columns]
        keys = [column.name for column in table.primary_key]
        others = [name for name in columns if name not in (*keys, *without)]
        self._inserted = _Values(columns, json_columns)
        self._updated = _Values([*others, *keys], json_columns)
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        changes = ", ".join(f"{name} = ?" for name in others)
        place = " AND ".join(f"{name} = ?" for name in keys)
        self.insert = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"
        self.insert_new = f"INSERT OR IGNORE INTO {table.name} ({names}) VALUES ({marks})"
        self.replace = f"INSERT OR REPLACE INTO {table.name} ({names}) VALUES ({marks})"
        self.update = f"UPDATE {table.name} SET {changes} WHERE {place}"

    def inserted(self, row: SQLModel) -> list[Any]:
        """The values for an insert."""
        return self._inserted.of(row)

    def updated(self, row: SQLModel) -> list[Any]:
        """The values for an update."""
        return self._updated.of(row)


class _Values:
    """The values of some columns of a row, in order."""

    def __init__(self, names: Sequence[str], json_columns: Collection[str]) -> None:
        self._get = itemgetter(*names)
        self._json = [place for place, name in enumerate(names) if name in json_columns]

    def of(self, row: SQLModel) -> list[Any]:
        values = list(self._get(row.__dict__))
        for place in self._json:
            if values[place] is not None:
                values[place] = json.dumps(values[place])
        return values


@cache
def statements(model: type[SQLModel], *without: str) -> Statements:
    """The statements for a table; `without` are columns that an update leaves as they are."""
    return Statements(model, without)


def quick(model: type[Row]) -> type[Row]:
    """Makes rows that no session will ever hold, from the same arguments, at a tenth of the cost."""
    defaults = {
        name: None if field.is_required() else field.get_default(call_default_factory=True)
        for name, field in model.model_fields.items()
    }

    def make(**values: Any) -> Row:
        row = object.__new__(model)
        row.__dict__.update(defaults, **values)
        return row

    return cast(type[Row], make)
