"""Running the same again: because a person asks for it, or because infrastructure failed a run."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from sqlmodel import Session, col, select

from executor.database.session import Database
from executor.database.tables import NodeRun, Run
from executor.services.submission import Submission
from nodegraph.errors import NodeGraphError

_log = logging.getLogger(__name__)


def submission_of(row: Run, from_node: str | None = None) -> Submission:
    """What starts the same run again, now; `from_node` and what follows it run anew."""
    return Submission(
        row.text, Path(row.base_dir), params=row.params, sets=row.sets, launcher=row.launcher,
        until=None if from_node else row.until, from_node=from_node, version=row.version, trigger="rerun",
        rerun_of=row.id, user=row.user, priority=row.priority, time_limit=row.time_limit,
        resubmits=row.resubmits,
    )  # fmt: skip


def resubmit(database: Database, submit: Callable[[Submission], object]) -> None:
    """Submit again, once each, the runs that asked for it and that nothing but infrastructure failed.

    Whoever is killed in between leaves the rest to the next call: the idempotency key tells what is done.
    """
    with database.read() as session:
        due = [row for row in _candidates(session) if _unlucky(session, row)]
    for row in due:
        again = submission_of(row, row.from_node)
        changes = {"until": row.until, "resubmits": row.resubmits - 1, "idempotency_key": _key(row)}
        try:
            submit(Submission(**{**again.__dict__, **changes}))
        except NodeGraphError as error:
            _log.warning("run %s could not be submitted again: %s", row.id, error)


def _key(row: Run) -> str:
    return f"resubmit-of-{row.id}"


def _candidates(session: Session) -> list[Run]:
    rows = session.exec(select(Run).where(Run.state == "failed", Run.resubmits > 0)).all()
    keys = [_key(row) for row in rows]
    done = set(session.exec(select(Run.idempotency_key).where(col(Run.idempotency_key).in_(keys))))
    return [row for row in rows if _key(row) not in done]


def _unlucky(session: Session, row: Run) -> bool:
    """Whether nodes failed, and each of them for no fault of its own."""
    statement = select(NodeRun.error).where(NodeRun.run_id == row.id, NodeRun.state == "failed")
    errors = session.exec(statement).all()
    return bool(errors) and all(error and error["category"] == "infrastructure" for error in errors)
