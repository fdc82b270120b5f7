"""A host that shares no files with this machine: what attempts read is sent, what they write comes back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from executor.hosts.model import Host
from executor.launchers.base import AttemptSpec, LaunchError, Say, Wanted
from executor.launchers.docker import boxes, ending
from executor.launchers.docker.boxes import OVER, Mount
from executor.launchers.docker.container import name_of
from executor.launchers.docker.engine import DockerEngine, EngineDown
from executor.launchers.docker.streaming.files import StreamedFiles
from executor.launchers.docker.streaming.held import Held, held_file
from executor.launchers.docker.streaming.homecoming import Homecoming
from executor.launchers.docker.streaming.tracing import MARK
from executor.launchers.docker.streaming.volume import Volume


class Remote:
    """Implements HostFiles with the volume of a data directory on the host.

    `host` answers the host as it is now; `away` whether it gave no answer when it was asked last.
    """

    def __init__(
        self,
        name: str,
        host: Callable[[], Host | None],
        root: Path,
        owner: str,
        engine: DockerEngine,
        fetch_image: Callable[[str, Say], None],
        away: Callable[[], bool],
    ) -> None:
        self._name = name
        self._root = root
        self._owner = owner
        self._engine = engine
        self._away = away
        self._held = Held(held_file(root, name))
        self._volume = Volume(engine, owner, fetch_image)
        self._volume.met = self._met
        self.files = StreamedFiles(host, root, engine, self._volume, self._held)
        self.mirror = Homecoming(self._volume, self.files, self._ended, self._layers).mirror

    def send(self, spec: AttemptSpec, code: Path, say: Say) -> None:
        """Send what is not there yet."""
        self.files.send(spec, code, say)

    def lay_out(self, spec: AttemptSpec, code: Path, name: str) -> None:
        """Make them there, but where a former start did: it may run by now, and they would be new again."""
        if self._engine.container(name) is None:
            self.files.lay_out(spec, code)

    def mounts(self, spec: AttemptSpec, code: Path, mounts: list[Mount]) -> list[Mount]:
        """As they lie in the volume."""
        return self.files.mounts(spec, code, mounts)

    def user(self) -> tuple[int, int]:
        """Nobody that the host knows."""
        return boxes.STRANGER, boxes.STRANGER

    def created(self, directory: Path) -> None:
        """From now on the container itself says what it reads."""
        self.files.started(directory)

    def trouble(self, directory: Path) -> LaunchError | None:
        """Why its outputs cannot come; from now on its files are copied here."""
        return self.mirror.follow(directory).error

    def are_here(self, directory: Path) -> bool:
        """Whether it has left nothing there that is still to come."""
        return self.mirror.is_gone(self.mirror.follow(directory))

    def stop(self, directory: Path, name: str, grace_seconds: float, wanted: Wanted) -> None:
        """End the container, and wait until all that it left has come."""
        traced = self.mirror.follow(directory)
        self._check()
        if traced.state == "open":
            ending.stop(self._engine, name, grace_seconds)
        if traced.error is not None:
            with contextlib.suppress(LaunchError):
                self.mirror.catch_up(traced)
        self.mirror.finish(traced, self._check, wanted)

    def put_away(self, directory: Path) -> None:
        """An attempt is over, its end is committed. Raises LaunchError."""
        self.mirror.forget(directory)
        self.files.put_away(directory)

    def remove_later(self, directory: Path) -> None:
        """An attempt whose container was removed while we, or the host, were away."""
        place = self.files.place(directory)
        self.mirror.later(lambda: self.files.remove([place]))

    def holds(self, digests: Collection[str]) -> int:
        """How many bytes of these artifacts are there."""
        return self.files.holds(digests)

    def close(self) -> None:
        """End the copying; what runs there runs on."""
        self.mirror.close()

    def _check(self) -> None:
        if self._away():
            raise EngineDown(self._engine.address, "it gave no answer when asked last", self._name)

    def _ended(self, directory: Path) -> None:
        ending.wait(self._engine, name_of(directory, self._owner))

    def _layers(self, directories: Sequence[Path]) -> list[int]:
        names = [name_of(directory, self._owner) for directory in directories]
        found = self._engine.layer_bytes(names)
        return [found.get(name, 0) for name in names]

    def _met(self, census: dict[str, Any]) -> list[str]:
        self._held.are(census["artifacts"])
        over = [place for place in census["attempts"] if self._is_over(self._root / place)]
        # Where checkpoints are wanted, they have a folder here from the start of their attempt.
        return over + [place for place in census["checkpoints"] if not (self._root / place).exists()]

    def _is_over(self, directory: Path) -> bool:
        return not directory.exists() or (directory / OVER).exists()


def is_streamed(directory: Path) -> bool:
    """Whether the files of an attempt are on a host that shares none with this machine."""
    return (directory / MARK).exists()
