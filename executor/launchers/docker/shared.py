"""A host that shares its files with this machine: containers are given the attempt's own directory."""

from __future__ import annotations

from pathlib import Path

from executor.launchers.base import AttemptSpec, Say, Wanted
from executor.launchers.docker import boxes, ending
from executor.launchers.docker.boxes import Mount
from executor.launchers.docker.engine import DockerEngine


class Shared:
    """Implements HostFiles: nothing travels, and nothing is left behind."""

    def __init__(self, engine: DockerEngine) -> None:
        self._engine = engine

    def send(self, spec: AttemptSpec, code: Path, say: Say) -> None:
        """All is there."""

    def lay_out(self, spec: AttemptSpec, code: Path, name: str) -> None:
        """Make them here."""
        boxes.fill_in(spec, code)

    def mounts(self, spec: AttemptSpec, code: Path, mounts: list[Mount]) -> list[Mount]:
        """As they lie here."""
        return mounts

    def user(self) -> tuple[int, int]:
        """The server's own, unless it is root."""
        return boxes.user()

    def created(self, directory: Path) -> None:
        """Nothing was kept for it."""

    def trouble(self, directory: Path) -> None:
        """Never."""

    def are_here(self, directory: Path) -> bool:
        """Always."""
        return True

    def stop(self, directory: Path, name: str, grace_seconds: float, wanted: Wanted) -> None:
        """End the container: what it wrote is here."""
        ending.stop(self._engine, name, grace_seconds)

    def put_away(self, directory: Path) -> None:
        """The attempt's directory is the engine's."""

    def remove_later(self, directory: Path) -> None:
        """The attempt's directory is the engine's."""
