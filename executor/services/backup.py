"""A copy of a data directory that fits together although runs go on; to restore it, use it as --data-dir.

    nodegraph.db   as it was at one moment; what ran then is noted as lost, and tried again by the copy
    artifacts/     what that database names, each checked
    datasets/      uploaded files
    runs/          job, events, log, exit status and preview of every attempt
    backup.json    what is in it, and what could not be

Secrets are not in it, nor what is made again when needed: environments, checkpoints. The copy has another
identity than its original, so that neither ever touches the other's processes and containers. Files that
never change are shared with the original (hard links) where both lie on one file system.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sqlmodel import col, select

from executor.data_dir import DataDir
from executor.database.session import Database
from executor.database.tables import Artifact, Attempt, Dataset, Run
from executor.engine.states import ATTEMPT_OPEN
from executor.launchers.base import EVENTS, EXIT, JOB, LOG, PREVIEW
from executor.services.moving import disown
from executor.services.replacing import replacing
from executor.store.intake import place
from executor.store.store import ArtifactStore
from nodegraph.errors import DataDirError, InvalidInput, StoreError

MANIFEST = "backup.json"
_OF_AN_ATTEMPT = (JOB, EVENTS, LOG, EXIT, PREVIEW)
_IMAGES = Path("docker", "images", "images.json")


@dataclass
class Backup:
    """What a backup holds. `missing` names what the database names and nobody has any more."""

    path: str
    created: float
    runs: int = 0
    attempts: int = 0
    artifacts: int = 0
    datasets: int = 0
    bytes: int = 0
    missing: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)


def back_up(source: DataDir, target: Path, secrets: list[str]) -> Backup:
    """Write a backup of a data directory to `target`, which must not exist; `secrets` names those it needs.

    It has another name until it is whole: a kill leaves a folder .NAME.….part beside `target`, which the
    next backup to the same place clears away. Raises InvalidInput and DataDirError.
    """
    target = target.expanduser().absolute()
    with _written(target, source.root) as unfinished:
        copy = DataDir(unfinished).create()
        backup = Backup(str(target), time.time(), secrets=secrets)
        _copy_database(source.database, copy.database)
        database = Database(copy.database)
        try:
            _copy_attempts(source, copy, database, backup)
            _copy_artifacts(source, copy, database, backup)
            _copy_datasets(source, copy, database, backup)
            disown(database)
        finally:
            database.close()
        if (source.root / _IMAGES).exists():
            (copy.root / _IMAGES).parent.mkdir(parents=True)
            shutil.copy2(source.root / _IMAGES, copy.root / _IMAGES)
        (copy.root / MANIFEST).write_text(json.dumps(asdict(backup), indent=2), encoding="utf-8")
        os.sync()
    return backup


@contextlib.contextmanager
def _written(target: Path, source: Path) -> Iterator[Path]:
    """Where the backup is written until it is whole, its errors in words."""
    if target.exists():
        raise InvalidInput(f"There is something at {target} already.", "Choose a name that is not taken.")
    if target.is_relative_to(source):
        raise InvalidInput(
            f"{target} lies in the data directory itself.", "Choose a place outside, best on another disk."
        )
    try:
        with replacing(target) as unfinished:
            yield unfinished
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataDirError(
            f"The backup {target} cannot be written: {reason}.", "Free space, or choose another place."
        ) from error


def _copy_database(source: Path, target: Path) -> None:
    """In one transaction of SQLite, which in WAL mode holds up no writer."""
    with (
        contextlib.closing(sqlite3.connect(source, timeout=30)) as original,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        original.backup(copy)


def _copy_attempts(source: DataDir, copy: DataDir, database: Database, backup: Backup) -> None:
    with database.read() as session:
        backup.runs = len(session.exec(select(Run.id)).all())
        attempts = session.exec(select(Attempt.run_id, Attempt.node, Attempt.number, Attempt.state)).all()
    for run, node, number, state in attempts:
        old, new = source.attempt(run, node, number), copy.attempt(run, node, number)
        new.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in _OF_AN_ATTEMPT:
            with contextlib.suppress(FileNotFoundError):
                backup.bytes += _copy(old / name, new / name, changing=state in ATTEMPT_OPEN)
        backup.attempts += 1


def _copy_artifacts(source: DataDir, copy: DataDir, database: Database, backup: Backup) -> None:
    here, there = ArtifactStore(source.artifacts), ArtifactStore(copy.artifacts)
    with database.read() as session:
        digests = session.exec(select(Artifact.digest).order_by(col(Artifact.created))).all()
    for digest in digests:
        try:
            backup.bytes += here.share(digest, there).bytes
            backup.artifacts += 1
        except StoreError as error:
            backup.missing.append(error.message)
    there.clean()


def _copy_datasets(source: DataDir, copy: DataDir, database: Database, backup: Backup) -> None:
    with database.read() as session:
        rows = session.exec(select(Dataset)).all()
    for row in rows:
        try:
            backup.bytes += _copy(source.datasets / row.file, copy.datasets / row.file)
            backup.datasets += 1
        except FileNotFoundError:
            backup.missing.append(f"The file of the dataset {row.name}@{row.version} is gone.")


def _copy(source: Path, target: Path, *, changing: bool = False) -> int:
    """Share a file that nobody writes to any more, copy one that still grows; its size."""
    if changing:
        shutil.copyfile(source, target)
    else:
        place(source, target)
    return target.stat().st_size


__all__ = ["MANIFEST", "Backup", "back_up"]
