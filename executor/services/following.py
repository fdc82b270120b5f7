"""Following a run to its end, the same way in the engine's process and in any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from executor.engine.events import Subscription, Update
from executor.engine.tailing import size_of
from executor.launchers.base import LOG
from executor.launchers.limits import log_limit, resume_at
from executor.services.views import NodeView, RunView

_STATE_FIELDS = ("state", "reason", "attempts", "source_run", "error", "started", "finished")


@dataclass
class Follower:
    """Compares a run with how it looked before, and says what is new.

    `read` reads the run; `directory` is where an attempt of a node lies.
    """

    read: Callable[[], RunView]
    directory: Callable[[str, int], Path]
    _before: RunView | None = None
    _logs: dict[tuple[str, int], int] = field(default_factory=dict)

    def look(self) -> tuple[list[Update], bool]:
        """What is new since the last look, and whether the run has ended."""
        now = self.read()
        updates = list(self._changes(now))
        self._before = now
        return updates, now.final

    def _changes(self, now: RunView) -> Iterator[Update]:
        before = self._before
        changed = before is None or (before.state, before.reason) != (now.state, now.reason)
        data = {"state": now.state, **({"reason": now.reason} if now.reason else {})}
        if changed and not now.final:
            yield Update("run", now.id, data=data)
        for name, node in now.nodes.items():
            yield from self._node_changes(now.id, before.nodes[name] if before else None, node)
        if changed and now.final:
            yield Update("run", now.id, data=data)

    def _node_changes(self, run: int, before: NodeView | None, now: NodeView) -> Iterator[Update]:
        if before is not None and before == now and now.final:
            return
        state = {name: getattr(now, name) for name in _STATE_FIELDS}
        changed = before is None or state != {name: getattr(before, name) for name in _STATE_FIELDS}
        if changed and not now.final:
            yield Update("node", run, now.node, state)
        if now.attempts:
            yield from self._log(run, now)
        if now.progress and (before is None or before.progress != now.progress):
            yield Update("progress", run, now.node, now.progress)
        for name, value in now.metrics.items():
            if before is None or name not in before.metrics or before.metrics[name] != value:
                yield Update("metric", run, now.node, {"name": name, "value": value, "step": None})
        if changed and now.final:
            yield Update("node", run, now.node, state)

    def _log(self, run: int, node: NodeView) -> Iterator[Update]:
        for attempt in (node.attempts - 1, node.attempts):
            if attempt < 1:
                continue
            place = (node.node, attempt)
            size = size_of(self.directory(*place) / LOG)
            offset = resume_at(self._logs.get(place, 0), size, log_limit())
            if size > offset:
                self._logs[place] = size
                yield Update(
                    "log", run, node.node, {"attempt": attempt, "offset": offset, "size": size - offset}
                )


@dataclass
class Watcher:
    """Follows a run from a loop that must not wait: `stirred` answers at once, `look` reads the database."""

    follower: Follower
    subscription: Subscription | None

    def stirred(self) -> bool:
        """Whether something may have changed; always, where the engine is in another process."""
        return self.subscription is None or bool(self.subscription.take(0))

    def look(self) -> tuple[list[Update], bool]:
        """What is new since the last look, and whether the run has ended."""
        return self.follower.look()

    def close(self) -> None:
        """Stop watching."""
        if self.subscription is not None:
            self.subscription.close()
