"""Runs on a host, in a container of ours, and keeps house in the volume there: standard library only.

porter.py serve              stay until nobody has asked for anything for a while
porter.py ask '{"do": …}'    do one thing; the answer is a line of JSON, and what it announces follows
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from executor.launchers.docker.streaming.shelf import Answer, census, clear, keep, look, take

ASKED = Path("/tmp/asked")
_IDLE_SECONDS = 120.0
_AT_ONCE = 4 << 20
_A_FILE = 1 << 20
_LOOK_SECONDS = 0.05
# What has been read is given back to the disk once it is so much; offsets stay.
_PUNCH = 64 << 20
_WHOLE_FILE = 16 << 20


def read(root: Path, ask: dict[str, Any]) -> Answer:
    """What was appended to files since they were last read, and which attempts have ended.

    Waits `seconds` for anything to come. The pieces follow the answer in its order; once there is no more,
    also small files that are asked for as a whole.
    """
    until = time.monotonic() + ask["seconds"]
    while True:
        pieces, files, more = [], [], False
        room = _AT_ONCE
        for name, offset in ask["files"]:
            piece, size = _piece(root / name, offset, min(room, _A_FILE))
            room -= len(piece)
            more = more or size > offset + len(piece)
            if piece:
                files.append([name, offset, len(piece)])
                pieces.append(piece)
        there = [name for name in ask["signs"] if (root / name).exists()]
        if pieces or there or time.monotonic() >= until:
            whole, contents = _whole(root, [] if more else ask["whole"])
            return {"files": files, "there": there, "more": more, "whole": whole}, pieces + contents
        time.sleep(_LOOK_SECONDS)


def measure(root: Path, ask: dict[str, Any]) -> Answer:
    """How many bytes some groups of folders take on the disk, and how many are free."""
    used = [sum(_taken(root / folder) for folder in folders) for folders in ask["groups"]]
    return {"used": used, "free": shutil.disk_usage(root).free}, []


def serve() -> None:
    """Stay until nobody has asked for anything for a while: a server that was killed leaves nothing."""
    ASKED.touch()
    while time.time() - ASKED.stat().st_mtime < _IDLE_SECONDS:
        time.sleep(5.0)


def answer(root: Path, text: str) -> None:
    """Do what is asked, and write the answer; empty lines before it say that it takes time."""
    ASKED.touch()
    ask = json.loads(Path(text[1:]).read_text() if text.startswith("@") else text)
    done, writing = threading.Event(), threading.Lock()
    threading.Thread(target=_tick, args=(done, writing), daemon=True).start()
    try:
        head, pieces = _DOES[ask["do"]](root, ask)
    except OSError as error:
        head, pieces = {"error": error.strerror or str(error), "errno": error.errno}, []
    with writing:
        done.set()
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    for piece in pieces:
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


_DOES: dict[str, Callable[[Path, dict[str, Any]], Answer]] = {
    function.__name__: function for function in (census, look, take, clear, read, keep, measure)
}


def _tick(done: threading.Event, writing: threading.Lock) -> None:
    while not done.wait(2.0):
        ASKED.touch()
        with writing:
            if not done.is_set():
                os.write(1, b"\n")


def _taken(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                total += os.lstat(Path(parent, name)).st_blocks * 512
    return total


def _piece(path: Path, offset: int, most: int) -> tuple[bytes, int]:
    """Bytes of a file from `offset` on, and its size; links are not followed, for nodes write here."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b"", 0
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size <= offset:
            return b"", 0
        if offset > _PUNCH and found.st_blocks * 512 > _PUNCH:
            _punch(path, offset)
        file.seek(offset)
        return file.read(most), found.st_size


def _whole(root: Path, names: list[str]) -> tuple[list[list[Any]], list[bytes]]:
    """Small files, and how many seconds ago each was written, but for those that are no plain files."""
    files, pieces = [], []
    for name in names:
        piece, size = _piece(root / name, 0, _WHOLE_FILE)
        if len(piece) == size and _is_plain(root / name):
            # No clock time: that of the server may be another.
            files.append([name, size, max(0.0, time.time() - os.lstat(root / name).st_mtime)])
            pieces.append(piece)
    return files, pieces


def _is_plain(path: Path) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def _punch(path: Path, until: int) -> None:
    """Give back the space of what was read, so that a log fills no disk; where that works."""
    import ctypes

    with path.open("r+b") as file:
        keep_size_punch_hole = 3
        libc = ctypes.CDLL(None, use_errno=True)
        libc.fallocate(file.fileno(), keep_size_punch_hole, ctypes.c_long(0), ctypes.c_long(until))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve()
    else:
        answer(Path("/data"), sys.argv[2])
