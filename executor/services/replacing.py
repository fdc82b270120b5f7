"""A directory that has another name until it is whole: .NAME.….part beside its place, with a lock in it."""

from __future__ import annotations

import contextlib
import glob
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from executor.data_dir import DataDir, Lock

_SUFFIX = ".part"


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A directory that gets its name `target` once it is whole, and is gone where it never is.

    What a process that was killed began for the same target is cleared away first. Raises OSError.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _clear(target)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=_SUFFIX, dir=target.parent))
    lock = Lock(DataDir(unfinished))
    try:
        lock.acquire()
        yield unfinished
        unfinished.rename(target)
    finally:
        lock.release()
        shutil.rmtree(unfinished, ignore_errors=True)


def _clear(target: Path) -> None:
    """Remove what nobody works at any more: it has a lock, and nobody holds it."""
    for left in target.parent.glob(f".{glob.escape(target.name)}.*{_SUFFIX}"):
        lock = Lock(DataDir(left))
        if DataDir(left).lock_file.exists() and lock.acquire():
            shutil.rmtree(left, ignore_errors=True)
            lock.release()
