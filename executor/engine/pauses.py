"""Nodes that wait for their next attempt."""

from __future__ import annotations

import time

from executor.engine.desk import Desk
from executor.engine.model import ActiveNode


class Pauses:
    """Between two attempts a node holds no cores or GPUs, but still its cache key."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._paused: dict[ActiveNode, None] = {}

    def pause(self, node: ActiveNode, delay: float) -> None:
        """The attempt has failed; the next one is begun in `delay` seconds."""
        assert node.row.error is not None
        self._desk.release(node)
        node.row.state = "queued"
        node.row.retry_at = time.time() + delay
        node.row.reason = f"attempt {node.row.attempts} failed: {node.row.error['message']}"
        node.attempt = node.watch = None
        node.stop = ""
        self._desk.show(node)
        self.resume(node)

    def resume(self, node: ActiveNode) -> None:
        """Wait, or after a restart go on waiting, for the time in the node's row."""
        node.phase = "paused"
        self._paused[node] = None

    def wake_up(self, now: float) -> None:
        """Let the nodes move whose waiting is over."""
        for node in list(self._paused):
            if node.phase != "paused":
                del self._paused[node]
            elif (node.row.retry_at or 0) <= now:
                del self._paused[node]
                node.phase = "ready" if node.row.key else "blocked"
                self._desk.movable.append(node)
