"""The files by which a process that runs an attempt is known: who claimed it, how it ended, its secrets."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from executor.launchers.base import EXIT, JOB, AttemptSpec

PID = "pid"


def read_pid(directory: Path) -> int | None:
    """The process that claimed the attempt; None where none has."""
    return _number(directory / PID)


def exit_status(directory: Path) -> int | None:
    """The attempt's exit status; None while there is none."""
    return _number(directory / EXIT)


def write_secrets(spec: AttemptSpec, path: str | None) -> None:
    """Write the secrets where the harness takes them from, for its eyes only; nothing where it takes none."""
    if path is None:
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        # Also where the file was there before, with a mode of its own.
        os.fchmod(file.fileno(), 0o600)
        json.dump(dict(spec.secrets), file)


def remove_secrets(directory: Path) -> None:
    """Remove secrets that no harness came to take."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        Path(json.loads((directory / JOB).read_bytes())["secrets_file"]).unlink(missing_ok=True)


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
