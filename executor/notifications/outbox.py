"""The outbox: who is still to be told, since when, and why that has not worked yet."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import func, update
from sqlmodel import col, select

from executor.database.session import Database
from executor.database.tables import Notification

_FIRST_DELAY = 10.0
_LONGEST_DELAY = 3600.0
_GIVE_UP_AFTER = 86_400.0


class Outbox:
    """The rows of notifications; each call is a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_run(self, run: int) -> Sequence[Notification]:
        """The notifications of a run, in no particular order of time: they belong to one moment."""
        with self._database.read() as session:
            wanted = select(Notification).where(Notification.run_id == run)
            return session.exec(wanted.order_by("kind", "target")).all()

    def due(self, most: int) -> Sequence[Notification]:
        """Those that are to be sent now, the longest due first."""
        with self._database.read() as session:
            wanted = select(Notification).where(
                col(Notification.state) == "pending", col(Notification.due) <= time.time()
            )
            return session.exec(wanted.order_by("due").limit(most)).all()

    def next_due(self) -> float | None:
        """When the next one is to be sent; None where none waits."""
        with self._database.read() as session:
            pending = col(Notification.state) == "pending"
            return session.exec(select(func.min(Notification.due)).where(pending)).one()

    def claim(self, row: Notification) -> None:
        """It is about to be sent: whatever happens now, the next try is a while away."""
        delay = min(_FIRST_DELAY * 3**row.attempts, _LONGEST_DELAY)
        self._write(row, attempts=row.attempts + 1, due=time.time() + delay)

    def sent(self, row: Notification) -> None:
        """It has arrived."""
        self._write(row, state="sent", reason="", finished=time.time())

    def missed(self, row: Notification, reason: str, *, final: bool) -> None:
        """It has not arrived; after a day, or where it never can, it is not tried again."""
        over = final or time.time() - row.created > _GIVE_UP_AFTER
        end = {"state": "failed", "finished": time.time()} if over else {}
        self._write(row, reason=reason, **end)

    def hasten(self) -> None:
        """Try all that wait at once: what they waited for may have been set right."""
        with self._database.write() as session:
            waiting = update(Notification).where(col(Notification.state) == "pending")
            session.execute(waiting.values(due=time.time()))

    def _write(self, row: Notification, **values: object) -> None:
        with self._database.write() as session:
            session.execute(update(Notification).where(col(Notification.id) == row.id).values(**values))
