"""One attempt whose files are copied from a host: how far that is, and what is written down of it here.

Each piece is appended, then how far it reached is written down: where a server was killed in between, the
piece is taken back and read again.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from executor.launchers.base import EVENTS, LOG, LaunchError
from executor.launchers.docker.boxes import RETURNED
from executor.launchers.docker.wrapper import EXIT_FILE

# There where the files of an attempt are on a host; it says what the attempt may write.
MARK = "streamed"
_RECORD = "mirrored.json"


@dataclass(eq=False)
class Traced:
    """An attempt whose files are copied. `error` says why its outputs cannot come."""

    directory: Path
    place: str
    state: Literal["open", "queued", "coming", "home"] = "open"
    offsets: dict[str, int] = field(default_factory=dict)
    error: LaunchError | None = None
    tries: int = 0
    # Nobody wants its outputs any more.
    dropped: bool = False
    # How many bytes it may write there.
    most: int | None = None
    # The round in which its container was first missed.
    missed: int | None = None
    changed: threading.Event = field(default_factory=threading.Event)
    reading: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Small:
    """A small file of an attempt, and when it was written there by the clock here."""

    content: bytes
    written: float


def append(traced: Traced, name: str, offset: int, piece: bytes) -> None:
    """Put a piece behind what is here of a file, which was read from `offset` on."""
    path = traced.directory / name
    before = _size(path)
    try:
        with path.open("ab") as file:
            file.write(piece)
    except OSError:
        # The disk is full: half of a piece would stand there twice.
        os.truncate(path, before)
        raise
    traced.offsets[name] = offset + len(piece)
    record = {known: [there, _size(traced.directory / known)] for known, there in traced.offsets.items()}
    temporary = traced.directory / f"{_RECORD}.new"
    temporary.write_text(json.dumps(record))
    temporary.replace(traced.directory / _RECORD)


def taken_back(directory: Path) -> dict[str, int]:
    """How far an attempt's files were copied; a piece whose copying was cut off is taken back."""
    if (directory / RETURNED / EXIT_FILE).exists():
        return {}
    try:
        record: dict[str, list[int]] = json.loads((directory / _RECORD).read_bytes())
    except (OSError, ValueError):
        record = {}
    for name in (EVENTS, LOG):
        size = record.get(name, [0, 0])[1]
        if _size(directory / name) > size:
            with (directory / name).open("r+b") as file:
                file.truncate(size)
    return {name: there for name, (there, _) in record.items()}


def disk_gb(directory: Path) -> float | None:
    """What an attempt may write by its own word; None where it says nothing."""
    try:
        found: float | None = json.loads((directory / MARK).read_bytes()).get("disk_gb")
    except (OSError, ValueError):
        return None
    return found


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
