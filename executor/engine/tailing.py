"""Reads the files of an attempt as they grow: whole event lines from where the last look ended."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from nodegraph.events import NodeEvent, decode

_AT_ONCE = 1 << 20
_LONGEST_LINE = 1 << 20


class EventTail:
    """The events of a file, each once. Lines that are no events are passed over."""

    def __init__(self, path: Path | str) -> None:
        self._path = str(path)
        self._offset = 0
        self._rest = b""

    def read(self) -> list[NodeEvent]:
        """The events that were appended since the last call, at most about a megabyte of them."""
        try:
            # Asked of every running attempt, many times a second: paths would cost more than the work.
            if os.stat(self._path).st_size <= self._offset:  # noqa: PTH116
                return []
            with open(self._path, "rb", buffering=0) as file:  # noqa: PTH123
                file.seek(self._offset)
                chunk = file.read(_AT_ONCE)
        except OSError:
            return []
        self._offset += len(chunk)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            # A node gone wild: an event is never that long, and memory is not for it.
            self._rest = b"{"
        return [event for line in lines if line and (event := decode(line)) is not None]

    def batches(self) -> Iterator[list[NodeEvent]]:
        """All that is left, about a megabyte at a time, once nothing more will be appended."""
        before = -1
        while before < self._offset:
            before = self._offset
            yield self.read()


def size_of(path: Path | str) -> int:
    """The size of a file, 0 where it is not there yet."""
    try:
        return os.stat(path).st_size  # noqa: PTH116 - asked very often
    except OSError:
        return 0


def read_events(path: Path) -> Iterator[NodeEvent]:
    """All events of a finished or running attempt, one after another."""
    for events in EventTail(path).batches():
        yield from events
