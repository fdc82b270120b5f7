"""Watches services while an engine runs: notes what became of them, starts killed ones again."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from executor.database.tables import Service
from executor.deployments.deployments import Deployments
from executor.deployments.looking import Live, look
from executor.deployments.rows import OPEN
from nodegraph.errors import NodeGraphError

_log = logging.getLogger(__name__)
TICK_SECONDS = 2.0
MAX_RESTARTS = 3
STEADY_SECONDS = 600.0


class Supervisor:
    """A thread that looks at every service each two seconds; `tick` is one such look."""

    def __init__(self, deployments: Deployments) -> None:
        self._deployments = deployments
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to watch."""
        self._thread = threading.Thread(target=self._watch, name="services", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Watch no longer; the services live on."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def tick(self) -> None:
        """Look at every service once."""
        self._deployments.reap()
        for row in self._deployments.rows.all():
            if row.state in OPEN:
                with self._deployments.try_alone(row.name) as alone:
                    if alone:
                        self._look_at(row.name)

    def _watch(self) -> None:
        while not self._stop.wait(TICK_SECONDS):
            try:
                self.tick()
            except Exception as error:  # the database may be busy or its disk full: look again later
                _log.warning("Services could not be looked at: %s: %s", type(error).__name__, error)

    def _look_at(self, name: str) -> None:
        rows = self._deployments.rows
        row = rows.get(name)
        if row is None or row.state not in OPEN:
            return
        live = look(row)
        if not live.gone:
            self._deployments.seen_alive.add(name)
            self._note(row, live)
        elif live.state in ("stopped", "failed"):
            rows.close(name, live.state, live.reason)
        else:
            self._bring_back(row, live)

    def _note(self, row: Service, live: Live) -> None:
        changes: dict[str, Any] = {"state": live.state, "reason": live.reason, "last_used": live.last_used}
        if live.last_used and row.last_used and abs(live.last_used - row.last_used) < TICK_SECONDS:
            changes["last_used"] = row.last_used
        steady = (
            row.handle and row.handle.get("restarts") and time.time() - (row.started or 0) > STEADY_SECONDS
        )
        if steady and live.state == "healthy":
            changes["handle"] = {**row.handle, "restarts": 0}
        if any(getattr(row, field) != value for field, value in changes.items()):
            self._deployments.rows.update(row.name, **changes)

    def _bring_back(self, row: Service, live: Live) -> None:
        """Start a killed service again; one that had ended before anyone watched stays down."""
        rows, restarts = self._deployments.rows, (row.handle or {}).get("restarts", 0)
        if row.name not in self._deployments.seen_alive:
            rows.close(row.name, "stopped", "It had ended when the server came back.")
        elif restarts >= MAX_RESTARTS:
            rows.close(row.name, "failed", f"It ended {restarts + 1} times by itself.")
        elif row.state != "unhealthy":
            # Seen by everyone for one tick before it is mended.
            rows.update(row.name, state="unhealthy", reason=live.reason)
        else:
            rows.update(
                row.name, reason=f"Started again, {restarts + 1} of {MAX_RESTARTS}.", started=time.time()
            )
            self._restart(row, restarts + 1)

    def _restart(self, row: Service, restarts: int) -> None:
        try:
            self._deployments.respawn(row, restarts)
        except (NodeGraphError, OSError) as error:
            self._deployments.rows.close(row.name, "failed", str(error))
