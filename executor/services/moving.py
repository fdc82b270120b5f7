"""A data directory that was moved, or is a restored backup: what its rows say of places and processes."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import update
from sqlmodel import col, select

from executor.data_dir import DataDir
from executor.database.session import Database
from executor.database.tables import Attempt, NodeRun, Notification, Run, Service
from executor.deployments.deployments import FOLDER
from executor.deployments.rows import OPEN
from executor.engine.failures import Failure
from executor.engine.states import ATTEMPT_OPEN

_LOST = Failure("infrastructure", "It ran when the backup was made.", "It is tried again.", spent=False)
_STOPPED = "It ran when the backup was made."
_TOLD_BY_ORIGINAL = "It was still to be sent when the backup was made."


def disown(database: Database) -> None:
    """What runs belongs to the original: a copy takes its attempts as lost, its services as stopped.

    Nobody is told twice: what was to be told then is told by the original.
    """
    now = time.time()
    with database.write() as session:
        for attempt in session.exec(select(Attempt).where(col(Attempt.state).in_(ATTEMPT_OPEN))).all():
            attempt.state, attempt.error = "lost", _LOST.as_dict()
            attempt.handle, attempt.spent, attempt.finished = None, _LOST.spent, now
            node = session.get(NodeRun, (attempt.run_id, attempt.node))
            if node is not None:
                node.state, node.reason = "queued", ""
        for service in session.exec(select(Service).where(col(Service.state).in_(OPEN))).all():
            service.state, service.reason = "stopped", _STOPPED
            service.handle, service.stopped = None, now
        waiting = update(Notification).where(col(Notification.state) == "pending")
        session.execute(waiting.values(state="failed", reason=_TOLD_BY_ORIGINAL, finished=now))


def settle_in(database: Database, place: DataDir) -> None:
    """Have the rows name the places where things lie now, if they name another directory.

    Only while no engine runs: its rows are in its memory.
    """
    old = _former(database)
    if old is None or old == place.root or _same(old, place.root):
        return
    with database.write() as session:
        for attempt in session.exec(select(Attempt)).all():
            attempt.directory = str(place.attempt(attempt.run_id, attempt.node, attempt.number))
        for service in session.exec(select(Service)).all():
            service.directory = str(place.root / FOLDER / service.name)
            service.spec = _with_model(service.spec, old, place.root)
        for run in session.exec(select(Run).where(Run.base_dir == str(old))).all():
            run.base_dir = str(place.root)


def _former(database: Database) -> Path | None:
    """The data directory that the rows speak of; None where they speak of none."""
    with database.read() as session:
        attempt = session.exec(select(Attempt).limit(1)).first()
    if attempt is None:
        return None
    directory = Path(attempt.directory)
    place = ("runs", str(attempt.run_id), attempt.node, str(attempt.number))
    return directory.parents[3] if directory.parts[-4:] == place else None


def _same(old: Path, new: Path) -> bool:
    """Whether both are names of one directory: a link, or a mount."""
    try:
        return old.samefile(new)
    except OSError:
        return False


def _with_model(spec: dict[str, dict[str, str]], old: Path, new: Path) -> dict[str, dict[str, str]]:
    path = Path(spec["model"]["path"])
    if not path.is_relative_to(old):
        return spec
    return {**spec, "model": {**spec["model"], "path": str(new / path.relative_to(old))}}
