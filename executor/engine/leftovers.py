"""Attempts whose end was committed just before a server was killed: what they left may still be there."""

from __future__ import annotations

from pathlib import Path

from sqlmodel import col, select

from executor.database.session import Database
from executor.database.tables import Attempt
from executor.engine import jobs
from executor.engine.states import ATTEMPT_OPEN

# Cleaning up begins as soon as an end is committed, so only the last ends can have missed it.
_LAST = 500


def ended_last(database: Database, launcher: str | None = None) -> list[Path]:
    """The directories of the attempts that ended last, of one launcher or of all."""
    statement = select(Attempt.directory).where(col(Attempt.state).not_in(ATTEMPT_OPEN))
    if launcher is not None:
        statement = statement.where(Attempt.launcher == launcher)
    with database.read() as session:
        found = session.exec(statement.order_by(col(Attempt.finished).desc()).limit(_LAST)).all()
    return [Path(directory) for directory in found]


def clear(database: Database) -> None:
    """Remove scratch space, unread secrets and unwanted outputs of the attempts that ended last."""
    for directory in ended_last(database):
        jobs.remove_leftovers(directory)
        jobs.remove_outputs(directory)
