"""Refuses a damaged database before anything opens it for writing, so that the file stays as it is."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import quote

from nodegraph.errors import DataDirError

_MAGIC = b"SQLite format 3\x00"


def refuse_damaged(path: Path) -> None:
    """Raise DataDirError where the file is no database, or is shorter than it says."""
    fault = _fault(path)
    if fault:
        raise DataDirError(
            f"The database {path} is damaged: {fault}. Nothing was changed.",
            "Restore it from a backup, or choose another directory with --data-dir.",
        )


def _fault(path: Path) -> str | None:
    if not path.exists():
        return None
    size = path.stat().st_size
    if size == 0:
        # A kill may leave an empty file at the very first start; with runs beside it, it once held more.
        return "it is empty" if any((path.parent / "runs").glob("*")) else None
    with path.open("rb") as file:
        header = file.read(100)
    if len(header) < 100 or not header.startswith(_MAGIC):
        return "it is no SQLite file"
    page = int.from_bytes(header[16:18], "big")
    page = 65536 if page == 1 else page
    expected = page * int.from_bytes(header[28:32], "big")
    if size >= expected:
        return None
    journal = path.with_name(path.name + "-wal")
    if journal.exists() and journal.stat().st_size:
        # A kill between two steps of a checkpoint leaves a short file and a journal that completes it.
        return _read_through(path)
    return f"it has {size} bytes, {expected} are expected"


def _read_through(path: Path) -> str | None:
    try:
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=30)
        try:
            verdict = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if verdict == "ok" else verdict
