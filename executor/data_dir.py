"""The data directory: where everything lies, and the lock that keeps a second engine out.

nodegraph.db   what is true (SQLite)              resume/    checkpoints, by cache key
artifacts/     results, by content digest         datasets/  uploaded files
runs/          one directory per attempt          secrets/   one file (0600) per secret
envs/          environments made on first use     lock       held by the process whose engine runs
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from pathlib import Path

from nodegraph.errors import DataDirError

VARIABLE = "NODEGRAPH_DATA_DIR"
DEFAULT = "~/.nodegraph"
_FOLDERS = ("artifacts", "runs", "envs", "resume", "datasets", "secrets")


def default_data_dir() -> Path:
    """$NODEGRAPH_DATA_DIR, else ~/.nodegraph."""
    return Path(os.environ.get(VARIABLE) or DEFAULT).expanduser()


class DataDir:
    """The folders of one data directory, made where they are missing."""

    def __init__(self, root: Path | str | None = None) -> None:
        self.root = (Path(root).expanduser() if root else default_data_dir()).absolute()
        self.database = self.root / "nodegraph.db"
        self.lock_file = self.root / "lock"
        self.artifacts, self.runs, self.envs, self.resume, self.datasets, self.secrets = (
            self.root / name for name in _FOLDERS
        )

    def create(self) -> DataDir:
        """Make what is missing; a directory that cannot be written is one clear error."""
        try:
            # Owner only: logs and datasets may be confidential, and secrets/ surely is.
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in _FOLDERS:
                (self.root / name).mkdir(mode=0o700, exist_ok=True)
            probe = self.root / f".probe-{os.getpid()}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise DataDirError(
                f"The data directory {self.root} cannot be written: {error.strerror}.",
                f"Choose another with --data-dir, or set {VARIABLE}.",
            ) from error
        return self

    def attempt(self, run: int, node: str, number: int) -> Path:
        """The directory of one attempt."""
        return self.runs / str(run) / node / str(number)


class Lock:
    """The lock of a data directory, a flock: the kernel frees it when its holder dies, however it dies."""

    def __init__(self, data_dir: DataDir) -> None:
        self._path = data_dir.lock_file
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this process holds it."""
        return self._descriptor is not None

    def acquire(self) -> bool:
        """Take the lock; False where another process holds it."""
        if self.held:
            return True
        # Not inheritable, as all descriptors of Python: node processes must not keep the lock alive.
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        about = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(about).encode(), 0)
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def taken(self) -> bool:
        """Whether any process, this one included, holds the lock now."""
        if self.held:
            return True
        if not self._path.exists():
            return False
        with self._path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def holder(self) -> str:
        """Who holds it, for people: the process and the host."""
        try:
            about = json.loads(self._path.read_text())
            return f"process {about['pid']} on {about['host']}"
        except (OSError, ValueError, KeyError):
            return "another process"

    def refuse(self) -> DataDirError:
        """The error of a second server."""
        return DataDirError(
            f"The data directory {self._path.parent} is in use by {self.holder()}.",
            "Stop that server, or choose another directory with --data-dir.",
        )
