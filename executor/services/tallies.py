"""Counts of runs, nodes and attempts with how long they took: counted by the database, added up here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from sqlalchemy import ColumnElement, case, func, select
from sqlmodel import Session, col

from executor.database.tables import Attempt, NodeRun, Run
from executor.engine.loading import LEFT_OUT
from executor.engine.states import NodeState, RunState

# Upper bounds in seconds: from nodes that do next to nothing to a week of training.
BOUNDS = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600, 7 * 24 * 3600)

RUN_STATES: tuple[str, ...] = get_args(RunState)
NODE_STATES: tuple[str, ...] = get_args(NodeState)


@dataclass
class Durations:
    """How many took at most as long as each of BOUNDS, how many there are, and their seconds together."""

    within: list[int] = field(default_factory=lambda: [0] * len(BOUNDS))
    count: int = 0
    seconds: float = 0.0

    def add(self, row: Sequence[Any]) -> None:
        """Count those of a row too: count, seconds, then one number for each bound."""
        self.count += row[0]
        self.seconds += row[1] or 0.0
        self.within = [old + (new or 0) for old, new in zip(self.within, row[2:], strict=True)]


@dataclass
class Tally:
    """Runs and nodes by state, attempts by outcome; durations of runs by state, of nodes by type and state.

    Only what has started and ended has a duration.
    """

    runs: Counter[str] = field(default_factory=Counter)
    nodes: Counter[str] = field(default_factory=Counter)
    attempts: Counter[str] = field(default_factory=Counter)
    run_seconds: dict[tuple[str, ...], Durations] = field(default_factory=dict)
    node_seconds: dict[tuple[str, ...], Durations] = field(default_factory=dict)

    def add(self, session: Session, ids: Any) -> None:
        """Count these runs too; `ids` is a list of run ids, or a query that gives them."""
        runs = select(col(Run.state), func.count()).where(col(Run.id).in_(ids)).group_by(col(Run.state))
        for row in session.execute(runs):
            self.runs[row[0]] += row[1]
        here = col(NodeRun.run_id).in_(ids) & (col(NodeRun.reason) != LEFT_OUT)
        by_state = select(col(NodeRun.state), func.count()).where(here).group_by(col(NodeRun.state))
        for row in session.execute(by_state):
            self.nodes[row[0]] += row[1]
        self._add_attempts(session, col(Attempt.run_id).in_(ids))
        _add_durations(session, self.run_seconds, Run, [col(Run.state)], col(Run.id).in_(ids))
        _add_durations(session, self.node_seconds, NodeRun, [col(NodeRun.type), col(NodeRun.state)], here)

    def with_(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(
            self.runs + other.runs, self.nodes + other.nodes, self.attempts + other.attempts,
            _sum(self.run_seconds, other.run_seconds), _sum(self.node_seconds, other.node_seconds),
        )  # fmt: skip

    def _add_attempts(self, session: Session, here: ColumnElement[bool]) -> None:
        """By the category of what went wrong; by state where nothing did."""
        category = col(Attempt.error)["category"].as_string()
        outcome = func.coalesce(category, col(Attempt.state))
        for row in session.execute(select(outcome, func.count()).where(here).group_by(outcome)):
            self.attempts[row[0]] += row[1]


def _add_durations(
    session: Session,
    found: dict[tuple[str, ...], Durations],
    table: type[Run] | type[NodeRun],
    labels: list[Any],
    here: ColumnElement[bool],
) -> None:
    seconds = col(table.finished) - col(table.started)
    within = [func.sum(case((seconds <= bound, 1), else_=0)) for bound in BOUNDS]
    ended = col(table.started).is_not(None) & col(table.finished).is_not(None)
    statement = select(*labels, func.count(), func.sum(seconds), *within).where(here, ended)
    for row in session.execute(statement.group_by(*labels)):
        key = tuple(row[: len(labels)])
        found.setdefault(key, Durations()).add(row[len(labels) :])


def _sum(
    one: dict[tuple[str, ...], Durations], other: dict[tuple[str, ...], Durations]
) -> dict[tuple[str, ...], Durations]:
    found: dict[tuple[str, ...], Durations] = {}
    for part in (one, other):
        for key, durations in part.items():
            total = found.setdefault(key, Durations())
            total.add([durations.count, durations.seconds, *durations.within])
    return found
