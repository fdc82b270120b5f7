"""What whoever watches the engine is told, through bounded queues that never hold the engine up."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

_BOUND = 20_000


@dataclass(frozen=True)
class Update:
    """One change. What `data` holds depends on `kind`:

    run       state, reason?              node      the fields of its view (see services.views)
    progress  done, total, unit, message, seconds_left
    metric    name, value, step           log       attempt, offset, size: new bytes of the log file
    missed    nothing: updates were dropped, read the state again
    """  # noqa: D400

    kind: Literal["run", "node", "progress", "metric", "log", "missed"]
    run: int
    node: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


class Subscription:
    """Updates of one run, or of all. Iterate over it, or take what there is; close it when done."""

    def __init__(self, hub: Hub, run: int | None) -> None:
        self.run = run
        self._hub = hub
        self._queue: deque[Update] = deque()
        self._arrived = threading.Condition()
        self._closed = False

    def take(self, timeout: float | None = None) -> list[Update]:
        """All updates since the last call; waits for the first at most `timeout` seconds."""
        with self._arrived:
            if not self._queue and not self._closed:
                self._arrived.wait(timeout)
            found = list(self._queue)
            self._queue.clear()
            return found

    def __iter__(self) -> Iterator[Update]:
        while not self._closed:
            yield from self.take(1.0)

    def close(self) -> None:
        """Stop listening."""
        self._hub.drop(self)
        with self._arrived:
            self._closed = True
            self._arrived.notify_all()

    def offer(self, updates: list[Update]) -> None:
        """Called by the engine: append, and drop the oldest where nobody takes them."""
        wanted = [update for update in updates if self.run is None or update.run == self.run]
        if not wanted:
            return
        with self._arrived:
            if len(self._queue) + len(wanted) > _BOUND:
                self._queue.clear()
                wanted = [Update("missed", wanted[-1].run)]
            self._queue.extend(wanted)
            self._arrived.notify_all()


class Hub:
    """Hands updates to subscriptions."""

    def __init__(self) -> None:
        self._subscriptions: tuple[Subscription, ...] = ()
        self._changing = threading.Lock()

    def subscribe(self, run: int | None = None) -> Subscription:
        """A new subscription to one run, or to all."""
        subscription = Subscription(self, run)
        with self._changing:
            self._subscriptions = (*self._subscriptions, subscription)
        return subscription

    def drop(self, subscription: Subscription) -> None:
        """Forget a subscription."""
        with self._changing:
            self._subscriptions = tuple(one for one in self._subscriptions if one is not subscription)

    def publish(self, updates: list[Update]) -> None:
        """Hand out updates; returns at once."""
        for subscription in self._subscriptions:
            subscription.offer(updates)


@dataclass
class Pace:
    """How fast a node advances, from its progress events: what is left follows from it."""

    unit: str = ""
    total: float | None = None
    first: tuple[float, float] | None = None

    def seconds_left(self, done: float, total: float | None, unit: str, when: float) -> float | None:
        """Seconds until `done` reaches `total` at the pace seen so far, None while that is unknown."""
        if self.first is None or (unit, total) != (self.unit, self.total) or done < self.first[1]:
            self.unit, self.total, self.first = unit, total, (when or time.time(), done)
            return None
        elapsed, advanced = when - self.first[0], done - self.first[1]
        if total is None or advanced <= 0 or elapsed <= 0:
            return None
        return max(0.0, total - done) * elapsed / advanced
