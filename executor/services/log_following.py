"""Following the log of a node, from attempt to attempt, until the node has ended."""

from __future__ import annotations

from executor.engine.states import ATTEMPT_OPEN, NODE_FINAL
from executor.launchers.limits import log_limit, resume_at
from executor.services.records import Records


class LogFollower:
    """Reads a log as it grows: of one attempt, or of the latest and those after it where none is named."""

    def __init__(
        self, records: Records, run: int | str, node: str, attempt: int | None = None, offset: int = 0
    ) -> None:
        records.log_path(run, node, attempt)  # NotFound now rather than in the middle of a stream
        self._records, self._run, self._node = records, run, node
        self._only = attempt is not None
        self._attempt = attempt
        self._offset = offset

    def read(self, limit: int = 1 << 18) -> tuple[bytes, bool]:
        """The next bytes, at most `limit`, empty where there are none yet; and whether that was all."""
        # Asked before the bytes are read, so that none written before its end is missed.
        ended = self._records.node_state(self._run, self._node) in NODE_FINAL
        attempts = {one.number: one for one in self._records.attempts(self._run, self._node)}
        if self._attempt is None and attempts:
            self._attempt = max(attempts)
        if self._attempt is None:
            return b"", ended
        # A log that grew too large is cut: its notice says so, and what follows goes on behind it.
        size = self._records.log_size(self._run, self._node, self._attempt)
        self._offset = resume_at(self._offset, size, log_limit())
        chunk = self._records.log(self._run, self._node, self._attempt, offset=self._offset, limit=limit)
        self._offset += len(chunk)
        if chunk:
            return chunk, False
        if self._only:
            return b"", ended or attempts[self._attempt].state not in ATTEMPT_OPEN
        if self._attempt + 1 in attempts:
            self._attempt, self._offset = self._attempt + 1, 0
            return b"", False
        return b"", ended
