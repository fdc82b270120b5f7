"""Runs on a host, in a container of ours, and keeps house in the volume there: standard library only.

    porter.py serve              stay until nobody has asked for anything for a while
    porter.py ask '{"do": …}'    do one thing; the answer is a line of JSON, and what it announces follows

What lies in the volume:

    artifacts/ab/abcd…/   artifacts and the node types' code by digest, with abcd….used beside it: its size,
                          and as its time the last use
    files/…/              files and folders that parameters name
    resume/…, runs/…      as in the data directory
    incoming/…            what is on its way; nothing here counts
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from executor.store.digests import digest_of, entry_of, scan

ASKED = Path("/tmp/asked")
_IDLE_SECONDS = 120.0
_AT_ONCE = 4 << 20
_A_FILE = 1 << 20
_LOOK_SECONDS = 0.05
# What has been read is given back to the disk once it is so much; offsets stay.
_PUNCH = 64 << 20
_WHOLE = 16 << 20

Answer = tuple[dict[str, Any], list[bytes]]


def census(root: Path, ask: dict[str, Any]) -> Answer:
    """What is here: artifacts with their sizes, and attempts; what was on its way when it was cut is gone."""
    shutil.rmtree(root / "incoming", ignore_errors=True)
    (root / "incoming").mkdir()
    attempts = [str(path.relative_to(root)) for path in root.glob("runs/*/*/*") if path.name != "resume"]
    return {"artifacts": {path.stem: _size(path) for path in root.glob("artifacts/*/*.used")},
            "attempts": attempts}, []  # fmt: skip


def look(root: Path, ask: dict[str, Any]) -> Answer:
    """Which artifacts are here, which from now on count as just used; what lies in some folders; the room."""
    have = []
    for digest in ask["artifacts"]:
        used = _used(root, digest)
        if used.exists():
            os.utime(used)
            have.append(digest)
    listings = {folder: _listing(root / folder) for folder in ask["folders"]}
    return {"have": have, "listings": listings, "free": shutil.disk_usage(root).free}, []


def take(root: Path, ask: dict[str, Any]) -> Answer:
    """Put what has arrived into its place, if it is what it should be: then only does it count."""
    damaged = []
    for item in ask["items"]:
        came, digest = root / "incoming" / item["name"], item["digest"]
        entries = [entry_of(path, came) for path in scan(came)] if came.is_dir() else []
        if digest_of(entries) == digest:
            _place(root, came, digest, sum(entry.size for entry in entries))
        else:
            damaged.append(digest)
            shutil.rmtree(came, ignore_errors=True)
    return {"damaged": damaged, **_evict(root, ask)}, []


def clear(root: Path, ask: dict[str, Any]) -> Answer:
    """Remove from folders what is not wanted there, and every link."""
    for folder, wanted in ask["folders"].items():
        kept = set(wanted)
        for parent, folders, names in os.walk(root / folder, topdown=False):
            for name in (*names, *folders):
                path = Path(parent, name)
                if path.is_dir() and not path.is_symlink():
                    if not any(path.iterdir()):
                        path.rmdir()
                elif path.is_symlink() or str(path.relative_to(root / folder)) not in kept:
                    path.unlink()
    return {}, []


def read(root: Path, ask: dict[str, Any]) -> Answer:
    """What was appended to files since they were last read, and which attempts have ended.

    Waits `seconds` for anything to come. The pieces follow the answer in its order.
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
            return {"files": files, "there": there, "more": more}, pieces
        time.sleep(_LOOK_SECONDS)


def fetch(root: Path, ask: dict[str, Any]) -> Answer:
    """Small files as a whole; those that are no plain files, or too large, are not there."""
    files, pieces = [], []
    for name in ask["files"]:
        piece, size = _piece(root / name, 0, _WHOLE)
        if len(piece) == size and _is_plain(root / name):
            files.append([name, 0, size])
            pieces.append(piece)
    return {"files": files}, pieces


def keep(root: Path, ask: dict[str, Any]) -> Answer:
    """Make outputs artifacts, then remove folders that nobody needs any more."""
    kept = {}
    for item in ask["items"]:
        output, digest = root / item["folder"], item["digest"]
        sizes = _settled(output) if output.is_dir() else None
        if sizes is not None:
            _place(root, output, digest, sum(sizes))
            kept[digest] = sum(sizes)
    for folder in ask["folders"]:
        shutil.rmtree(root / folder, ignore_errors=True)
        for parent in (root / folder).parents:
            if parent in (root, root / "runs", root / "resume"):
                break
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()
    return {"kept": kept, **_evict(root, ask)}, []


def serve() -> None:
    """Stay until nobody has asked for anything for a while: a server that was killed leaves nothing."""
    ASKED.touch()
    while time.time() - ASKED.stat().st_mtime < _IDLE_SECONDS:
        time.sleep(5.0)


def answer(root: Path, text: str) -> None:
    """Do what is asked, and write the answer; empty lines before it say that it takes time."""
    ASKED.touch()
    ask = json.loads(Path(text[1:]).read_text() if text.startswith("@") else text)
    done = threading.Event()
    threading.Thread(target=_tick, args=(done,), daemon=True).start()
    try:
        head, pieces = _DOES[ask["do"]](root, ask)
    except OSError as error:
        head, pieces = {"error": error.strerror or str(error), "errno": error.errno}, []
    done.set()
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    for piece in pieces:
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


_DOES: dict[str, Callable[[Path, dict[str, Any]], Answer]] = {
    function.__name__: function for function in (census, look, take, clear, read, fetch, keep)
}


def _tick(done: threading.Event) -> None:
    while not done.wait(2.0):
        ASKED.touch()
        os.write(1, b"\n")


def _used(root: Path, digest: str) -> Path:
    return root / "artifacts" / digest[:2] / f"{digest}.used"


def _size(used: Path) -> int:
    try:
        return int(used.read_text())
    except (OSError, ValueError):
        return 0


def _place(root: Path, folder: Path, digest: str, size: int) -> None:
    used = _used(root, digest)
    target = used.with_suffix("")
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        shutil.rmtree(folder)
    else:
        folder.rename(target)
    used.write_text(str(size))


def _settled(folder: Path) -> list[int] | None:
    """The sizes of an output's files, now nobody's to change; None where it holds more than plain files."""
    sizes = []
    for parent, folders, names in os.walk(folder):
        for name in names:
            found = os.lstat(Path(parent, name))
            if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
                return None
            sizes.append(found.st_size)
        if any(Path(parent, name).is_symlink() for name in folders):
            return None
    for parent, _, names in os.walk(folder):
        for path, mode in ((Path(parent), 0o755), *((Path(parent, name), 0o444) for name in names)):
            os.chown(path, 0, 0)
            path.chmod(mode)
    return sizes


def _listing(folder: Path) -> dict[str, list[float]]:
    found = {}
    for parent, folders, names in os.walk(folder):
        links = [name for name in folders if Path(parent, name).is_symlink()]
        for name in (*names, *links):
            path = Path(parent, name)
            entry = os.lstat(path)
            size = entry.st_size if stat.S_ISREG(entry.st_mode) else -1
            found[str(path.relative_to(folder))] = [size, entry.st_mtime]
    return found


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


def _evict(root: Path, ask: dict[str, Any]) -> dict[str, Any]:
    """Remove what was used longest ago, until the rest fits; never what is in use."""
    gone, kept = [], set(ask.get("in_use", ()))
    entries = sorted(_cached(root), key=lambda entry: entry[0])
    over = sum(size for _, size, _ in entries) - ask.get("limit", 1 << 62)
    for _, size, path in entries:
        if over <= 0:
            break
        if str(path.relative_to(root)) in kept:
            continue
        path.with_name(f"{path.name}.used").unlink(missing_ok=True)
        # Renamed first: half an artifact is none.
        grave = root / "incoming" / f"gone-{path.name}"
        path.rename(grave)
        shutil.rmtree(grave, ignore_errors=True)
        gone.append(path.name)
        over -= size
    return {"gone": gone}


def _cached(root: Path) -> Iterator[tuple[float, int, Path]]:
    for used in root.glob("artifacts/*/*.used"):
        yield used.stat().st_mtime, _size(used), used.with_suffix("")
    for folder in (*root.glob("files/*"), *root.glob("resume/*")):
        yield folder.stat().st_mtime, round(sum(size for size, _ in _listing(folder).values())), folder


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve()
    else:
        answer(Path("/data"), sys.argv[2])
