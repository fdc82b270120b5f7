"""Digests of files and directories: what is where, and what is in it.

The digest of a directory is a SHA-256 over the sorted relative paths of its files, their sizes and
their SHA-256s. Times, owners, modes and empty directories do not count.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

_CHUNK = 1 << 20


@dataclass(frozen=True)
class FileEntry:
    """One file of a directory: its content, and how the file system described it at that moment."""

    path: str
    size: int
    sha256: str
    mtime_ns: int
    ctime_ns: int

    def looks_like(self, found: os.stat_result) -> bool:
        """Whether a file still has the size and the times that it had when it was hashed."""
        return (self.size, self.mtime_ns, self.ctime_ns) == (
            found.st_size, found.st_mtime_ns, found.st_ctime_ns
        )  # fmt: skip

    def at(self, found: os.stat_result) -> FileEntry:
        """The same content, with the times that the file system now tells."""
        return replace(self, mtime_ns=found.st_mtime_ns, ctime_ns=found.st_ctime_ns)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return dict(self.__dict__)


def file_digest(path: Path | str, alive: Callable[[], None] | None = None) -> str:
    """The SHA-256 of a file as hex, in constant memory; `alive` is called at every chunk and may raise."""
    digest = hashlib.sha256()
    buffer = bytearray(_CHUNK)
    view = memoryview(buffer)
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - paths would cost more than a small file
        while count := file.readinto(buffer):
            digest.update(view[:count])
            if alive:
                alive()
    return digest.hexdigest()


def scan(directory: Path, limit: int | None = None) -> list[Path]:
    """The files below `directory`, sorted by relative path; links are followed, each folder entered once.

    The walk ends early once it has found more than `limit` files.
    """
    found: list[str] = []
    entered: set[tuple[int, int]] = set()
    for parent, folders, names in os.walk(directory, followlinks=True):
        here = os.stat(parent)  # noqa: PTH116 - here and below, paths would cost more than the work
        if (here.st_dev, here.st_ino) in entered:
            folders.clear()
            continue
        entered.add((here.st_dev, here.st_ino))
        found.extend(path for name in names if os.path.isfile(path := f"{parent}/{name}"))  # noqa: PTH113
        if limit is not None and len(found) > limit:
            break
    return [Path(path) for path in sorted(found)]


def entry_of(path: Path | str, directory: Path) -> FileEntry:
    """Hash one file of a directory."""
    sha256 = file_digest(path)
    found = os.stat(path)  # noqa: PTH116 - of every file of every node
    place = str(path).removeprefix(f"{directory}/")
    return FileEntry(place, found.st_size, sha256, found.st_mtime_ns, found.st_ctime_ns)


def digest_of(entries: Iterable[FileEntry]) -> str:
    """The digest of a directory with these files."""
    digest = hashlib.sha256()
    for entry in sorted(entries, key=lambda entry: entry.path):
        # The surrogate pass keeps file names that are no valid UTF-8 apart from each other.
        digest.update(f"{entry.path}\0{entry.size}\0{entry.sha256}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
