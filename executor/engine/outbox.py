"""Who is to be told of the end of a run: a row each, written together with that end."""

from __future__ import annotations

import time
import uuid

from executor.database.rows import quick
from executor.database.tables import Notification
from executor.engine.model import ActiveRun

_NEW_NOTIFICATION = quick(Notification)


def notifications_of(run: ActiveRun) -> list[Notification]:
    """The rows for a run that has just ended: one for each address that wants to know of such an end."""
    targets = {
        (kind, target): None
        for entry in run.notify
        if run.row.state in entry.on
        for kind, target in (("email", entry.email), ("webhook", entry.webhook))
        if target
    }
    now = run.row.finished or time.time()
    return [
        _NEW_NOTIFICATION(id=uuid.uuid4().hex, run_id=run.id, kind=kind, target=target, due=now, created=now)
        for kind, target in targets
    ]
