"""What a node says in its events, put on its row and told to whoever watches."""

from __future__ import annotations

import time
from pathlib import Path

from executor.engine.desk import Desk
from executor.engine.events import Update
from executor.engine.model import ActiveNode
from executor.engine.tailing import EventTail, size_of
from executor.launchers.base import LOG
from executor.launchers.limits import log_limit, resume_at
from nodegraph.events import Done, Failed, Metric, NodeEvent, Progress

_WRITE_EVERY = 0.5
_MANY = 1_000


def listen(desk: Desk, node: ActiveNode, now: float) -> None:
    """Read what the node has written since the last look; the database hears of it twice a second."""
    watch, attempt = node.watch, node.attempt
    assert watch is not None and attempt is not None
    for event in _telling(watch.tail.read()):
        _take(desk, node, event)
    _tell_log(desk, node, size_of(f"{attempt.directory}/{LOG}"))
    if watch.unwritten and now - watch.written >= _WRITE_EVERY:
        desk.journal.change(node.row)
        watch.written, watch.unwritten = now, False


class Rest:
    """What a node has said since the last look, read once it has ended; in a worker thread."""

    def __init__(self, tail: EventTail, log: Path) -> None:
        self.log_size = size_of(log)
        self.events = [event for events in tail.batches() for event in _telling(events)]
        self.done = any(isinstance(event, Done) for event in self.events)


def listen_out(desk: Desk, node: ActiveNode, rest: Rest) -> None:
    """Take in the rest, once the node has ended."""
    for event in rest.events:
        _take(desk, node, event)
    _tell_log(desk, node, rest.log_size)


def _telling(events: list[NodeEvent]) -> list[NodeEvent]:
    """Of very many events at once, the last of each number, and how far it is: no eye follows the others."""
    if len(events) <= _MANY:
        return events
    last = {
        (event.event, event.name if isinstance(event, Metric) else ""): event
        for event in events
        if isinstance(event, Metric | Progress)
    }
    return [*last.values(), *(event for event in events if isinstance(event, Failed | Done))]


def _take(desk: Desk, node: ActiveNode, event: NodeEvent) -> None:
    watch, row = node.watch, node.row
    assert watch is not None
    if isinstance(event, Metric):
        row.metrics = {**(row.metrics or {}), event.name: event.value}
        data = {"name": event.name, "value": event.value, "step": event.step}
        desk.tell(Update("metric", node.run.id, node.name, data))
    elif isinstance(event, Progress):
        left = watch.pace.seconds_left(event.done, event.total, event.unit, event.time)
        row.progress = {**event.model_dump(exclude={"event"}), "seconds_left": left}
        desk.tell(Update("progress", node.run.id, node.name, row.progress))
    elif isinstance(event, Failed):
        # Of several processes of one attempt, the first that failed is the cause, and the others follow it.
        if watch.failed is None or watch.failed.category == "cancelled":
            watch.failed = event
    elif isinstance(event, Done):
        watch.done_at = time.time()
    watch.unwritten = True


def _tell_log(desk: Desk, node: ActiveNode, size: int) -> None:
    watch, attempt = node.watch, node.attempt
    assert watch is not None and attempt is not None
    if size < watch.log_size:  # it was cut
        watch.log_size = resume_at(watch.log_size, size, log_limit())
    if size > watch.log_size:
        data = {"attempt": attempt.number, "offset": watch.log_size, "size": size - watch.log_size}
        desk.tell(Update("log", node.run.id, node.name, data))
        watch.log_size = size
