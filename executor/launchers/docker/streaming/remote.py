"""All that a host needs which shares no files with this machine, in one place for its launcher."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from executor.hosts.model import Host
from executor.launchers.base import Say
from executor.launchers.docker.boxes import OVER
from executor.launchers.docker.engine import DockerEngine
from executor.launchers.docker.streaming.files import StreamedFiles
from executor.launchers.docker.streaming.held import Held
from executor.launchers.docker.streaming.homecoming import Homecoming
from executor.launchers.docker.streaming.tracing import MARK
from executor.launchers.docker.streaming.volume import Volume


class Remote:
    """The volume of a data directory on a host, what is sent there, and what comes back.

    `host` answers the host as it is now; `ended(directory)` waits until an attempt's container has ended.
    """

    def __init__(
        self,
        name: str,
        host: Callable[[], Host | None],
        root: Path,
        owner: str,
        engine: DockerEngine,
        fetch_image: Callable[[str, Say], None],
        ended: Callable[[Path], None],
    ) -> None:
        self._root = root
        self._held = Held(root / "docker" / "held" / f"{name}.json")
        self._volume = Volume(engine, owner, fetch_image)
        self._volume.met = self._met
        self.files = StreamedFiles(host, root, engine, self._volume, self._held)
        self.mirror = Homecoming(self._volume, self.files, ended).mirror

    def put_away(self, directory: Path) -> None:
        """An attempt is over, its end is committed. Raises LaunchError."""
        self.mirror.forget(directory)
        self.files.put_away(directory)

    def remove_later(self, directory: Path) -> None:
        """An attempt whose container was removed while we, or the host, were away."""
        place = self.files.place(directory)
        self.mirror.later(lambda: self.files.remove([place]))

    def close(self) -> None:
        """End the copying; what runs there runs on."""
        self.mirror.close()

    def _met(self, census: dict[str, Any]) -> None:
        self._held.are(census["artifacts"])
        over = [place for place in census["attempts"] if self._is_over(self._root / place)]
        if over:
            self.mirror.later(lambda: self.files.remove(over))

    def _is_over(self, directory: Path) -> bool:
        return not directory.exists() or (directory / OVER).exists()


def is_streamed(directory: Path) -> bool:
    """Whether the files of an attempt are on a host that shares none with this machine."""
    return (directory / MARK).exists()
