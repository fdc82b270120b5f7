"""Rows that the engine writes over the driver: the ORM refuses them, or takes them with all their values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import InvalidRequestError
from sqlmodel import Session, SQLModel

from executor.database.rows import quick
from executor.database.session import Database
from executor.database.tables import Artifact, Attempt, CacheEntry, NodeRun, Run

QUICK = (Artifact, Attempt, CacheEntry, NodeRun)
Use = Callable[[Session, SQLModel], Any]
USES: dict[str, Use] = {
    "add": Session.add,
    "merge": Session.merge,
    "delete": Session.delete,
    "refresh": Session.refresh,
}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(tmp_path / "nodegraph.db")
    with database.write() as session:
        session.add(Run(pipeline="toy", text="", base_dir="/", created=1.0, reason="waits"))
    return database


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("model", QUICK)
def test_no_session_takes_a_row_that_was_made_for_the_driver(
    database: Database, model: type[SQLModel], use: Use
) -> None:
    row = quick(model)()
    with pytest.raises(InvalidRequestError), database.write() as session:
        use(session, row)


def kept(database: Database) -> str:
    with database.read() as session:
        return session.get_one(Run, 1).reason


def test_a_row_that_was_changed_outside_a_session_is_refused_by_others(database: Database) -> None:
    """The change would be lost without a word: nobody has told the ORM of it."""
    with database.read() as session:
        row = session.get_one(Run, 1)
    row.reason = "changed"
    with pytest.raises(InvalidRequestError, match="read it again"), database.write() as session:
        session.add(row)
    assert kept(database) == "waits"
    with database.write() as session:
        session.merge(row)
    assert kept(database) == "changed"


def test_a_row_that_a_session_holds_is_written_as_it_is_changed(database: Database) -> None:
    with database.write() as session:
        session.get_one(Run, 1).reason = "changed"
    assert kept(database) == "changed"


def test_a_new_row_is_written_with_what_was_said_of_it_before_and_after(database: Database) -> None:
    row = Run(pipeline="toy", text="", base_dir="/", created=1.0)
    row.user = "ann"
    with database.write() as session:
        session.add(row)
        row.reason = "changed"
    with database.read() as session:
        found = session.get_one(Run, row.id)
        assert (found.user, found.reason) == ("ann", "changed")
