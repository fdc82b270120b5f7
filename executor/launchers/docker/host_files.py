"""How the files of attempts get to a host and come back: what the launcher asks of either way.

A host shares its files with this machine (shared.py), or all is streamed (streaming/remote.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from executor.launchers.base import AttemptSpec, LaunchError, Say, Wanted
from executor.launchers.docker.boxes import Mount


class HostFiles(Protocol):
    """The files of attempts on one host; `name` is that of an attempt's container. Raises LaunchError."""

    def send(self, spec: AttemptSpec, code: Path, say: Say) -> None:
        """Have on the host what an attempt reads. Cancelled of `say` passes."""

    def lay_out(self, spec: AttemptSpec, code: Path, name: str) -> None:
        """Make the folders and files that an attempt begins with."""

    def mounts(self, spec: AttemptSpec, code: Path, mounts: list[Mount]) -> list[Mount]:
        """What the container is to see, from where it lies on the host."""

    def user(self) -> tuple[int, int]:
        """The user and group that owns them."""

    def created(self, directory: Path) -> None:
        """The container is there, with all that it reads."""

    def trouble(self, directory: Path) -> LaunchError | None:
        """Why what the attempt left cannot be had. Cheap, as is the next."""

    def are_here(self, directory: Path) -> bool:
        """Whether all that an attempt left, whose container has ended, is here."""

    def stop(self, directory: Path, name: str, grace_seconds: float, wanted: Wanted) -> None:
        """End a container that runs, and have here what it left. Cancelled where that is not wanted."""

    def put_away(self, directory: Path) -> None:
        """An attempt is over, its end is committed."""

    def remove_later(self, directory: Path) -> None:
        """An attempt whose container was removed while we, or the host, were away."""
