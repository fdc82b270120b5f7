"""Attempts whose end was committed just before a server was killed: what they left may still be there."""

from __future__ import annotations

from pathlib import Path

from sqlmodel import col, select

from executor.database.session import Database
from executor.database.tables import Attempt
from executor.engine.states import ATTEMPT_OPEN

# Cleaning up begins as soon as an end is committed, so only the last ends can have missed it.
_LAST = 500


def ended_last(database: Database, launcher: str) -> list[Path]:
    """The directories of the attempts of a launcher that ended last."""
    with database.read() as session:
        statement = select(Attempt.directory).where(
            Attempt.launcher == launcher, col(Attempt.state).not_in(ATTEMPT_OPEN)
        )
        found = session.exec(statement.order_by(col(Attempt.finished).desc()).limit(_LAST)).all()
    return [Path(directory) for directory in found]
