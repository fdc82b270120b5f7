"""What an attempt left in its directory: log, metrics over time, preview."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from executor.data_dir import DataDir
from executor.database.session import Database
from executor.database.tables import Attempt, NodeRun, Run
from executor.engine.tailing import read_events, size_of
from executor.launchers.base import EVENTS, LOG, PREVIEW
from executor.services.thinning import Thinning
from executor.services.views import AttemptView, attempt_view
from nodegraph.errors import NotFound
from nodegraph.events import Metric
from nodegraph.suggest import did_you_mean

_MOST_POINTS = 2_000
_PIECE = 1 << 20
MOST_AT_ONCE = 16 << 20


@dataclass(frozen=True)
class LogTail:
    """The end of a log and the offset of its first byte."""

    content: bytes
    offset: int

    @property
    def end(self) -> int:
        """Where what is written later begins."""
        return self.offset + len(self.content)


class Records:
    """Reads attempts' files. Of a cached node, those of the run that it came from."""

    def __init__(self, database: Database, data_dir: DataDir) -> None:
        self._database = database
        self._data_dir = data_dir

    def find(self, session: Session, run: int | str) -> Run:
        """The row of a run; NotFound."""
        text = str(run)
        # No database holds an id of twenty digits.
        row = session.get(Run, int(text)) if text.isascii() and text.isdigit() and len(text) < 19 else None
        if row is None:
            raise NotFound(f"There is no run {run}.", "`nodegraph runs` lists them.")
        return row

    def attempts(self, run: int | str, node: str) -> list[AttemptView]:
        """The attempts at a node, the first first; for a cached node, those of the run it came from."""
        with self._database.read() as session:
            row = self._node(session, run, node)
            place = (row.source_run, row.source_node) if row.state == "cached" else (row.run_id, row.node)
            statement = select(Attempt).where(Attempt.run_id == place[0], Attempt.node == place[1])
            return [attempt_view(attempt) for attempt in session.exec(statement.order_by("number"))]

    def node_state(self, run: int | str, node: str) -> str:
        """The state of one node; NotFound."""
        with self._database.read() as session:
            return self._node(session, run, node).state

    def log_path(self, run: int | str, node: str, attempt: int | None = None) -> Path | None:
        """The log file of an attempt, the latest where none is named; None where nothing has started."""
        found = [one for one in self.attempts(run, node) if attempt in (None, one.number)]
        if attempt is not None and not found:
            raise NotFound(
                f"The node {node} of run {run} has no attempt {attempt}.", "Name none for the latest."
            )
        return Path(found[-1].directory) / LOG if found else None

    def log(
        self,
        run: int | str,
        node: str,
        attempt: int | None = None,
        *,
        offset: int = 0,
        limit: int = MOST_AT_ONCE,
    ) -> bytes:
        """The bytes of a log as they were written, from `offset`, at most `limit`: 16 MB unless told."""
        return b"".join(self.log_pieces(run, node, attempt, offset=offset, limit=limit))

    def log_pieces(
        self,
        run: int | str,
        node: str,
        attempt: int | None = None,
        *,
        offset: int = 0,
        limit: int | None = None,
    ) -> Iterator[bytes]:
        """The bytes of a log from `offset` to where it ends now, in pieces of a megabyte at most."""
        path = self.log_path(run, node, attempt)
        return iter(()) if path is None else _pieces(path, offset, limit)

    def log_size(self, run: int | str, node: str, attempt: int | None = None) -> int:
        """How long a log is now: less than before where it was cut."""
        path = self.log_path(run, node, attempt)
        return 0 if path is None else size_of(path)

    def log_tail(
        self, run: int | str, node: str, attempt: int | None = None, *, limit: int = 256 * 1024
    ) -> LogTail:
        """The end of a log, from the beginning of a line, with the offset where that is."""
        path = self.log_path(run, node, attempt)
        if path is None or not path.exists():
            return LogTail(b"", 0)
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            start = max(0, size - limit)
            file.seek(start)
            content = file.read(limit)
        line = content.find(b"\n") + 1 if start else 0
        return LogTail(content[line:], start + line)

    def metrics(self, run: int | str, node: str) -> list[dict[str, Any]]:
        """The numbers a node has reported, over all its attempts: name, value, step, time, attempt.

        Of a series with more than 2,000 points every so many are kept, its first and last among them.
        """
        found: Thinning[tuple[Metric, int]] = Thinning(_MOST_POINTS)
        for attempt in self.attempts(run, node):
            for event in read_events(Path(attempt.directory) / EVENTS):
                if isinstance(event, Metric):
                    found.add(event.name, (event, attempt.number))
        return [
            {**event.model_dump(exclude={"event"}), "attempt": number} for event, number in found.points()
        ]

    def preview(self, run: int | str, node: str) -> list[dict[str, Any]]:
        """The blocks that a node shows of its result; empty where it shows none."""
        for attempt in reversed(self.attempts(run, node)):
            path = Path(attempt.directory) / PREVIEW
            if attempt.state == "succeeded" and path.exists():
                blocks: list[dict[str, Any]] = json.loads(path.read_bytes())
                return blocks
        return []

    def _node(self, session: Session, run: int | str, node: str) -> NodeRun:
        row = self.find(session, run)
        found = session.get(NodeRun, (row.id, node))
        if found is None:
            names = session.exec(select(NodeRun.node).where(NodeRun.run_id == row.id)).all()
            raise NotFound(f"Run {run} has no node {node}.", did_you_mean(node, names))
        return found


def _pieces(path: Path, offset: int, limit: int | None) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            # Up to where it ends now: a log that grows as fast as it is read would have no end.
            left = max(0, file.seek(0, os.SEEK_END) - offset)
            left = left if limit is None else min(left, limit)
            file.seek(offset)
            while left > 0 and (piece := file.read(min(left, _PIECE))):
                left -= len(piece)
                yield piece
    except FileNotFoundError:
        return
