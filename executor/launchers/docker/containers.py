"""The containers of one data directory's attempts on one host: created, started, removed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from executor.hosts.model import Host
from executor.images.images import Images
from executor.launchers.base import AttemptSpec
from executor.launchers.docker import boxes
from executor.launchers.docker.container import Ground, harness_command, name_of, settings
from executor.launchers.docker.engine import DockerEngine
from executor.launchers.docker.gpus import named
from executor.launchers.docker.host_files import HostFiles
from executor.launchers.docker.identity import identity


class Containers:
    """Methods raise EngineDown where the host does not answer, docker's APIError where it refuses.

    `host` answers what is said of the host now.
    """

    def __init__(
        self, root: Path, images: Images, engine: DockerEngine, host: Callable[[], Host | None]
    ) -> None:
        self._root = root
        self._images = images
        self._engine = engine
        self._host = host

    @cached_property
    def owner(self) -> str:
        """The data directory's id among all that use the engine."""
        return identity(self._root / "docker")

    def name(self, directory: Path) -> str:
        """The name of an attempt's container."""
        return name_of(directory, self.owner)

    def create(self, spec: AttemptSpec, code: Path, files: HostFiles) -> bool:
        """Create an attempt's container, with its files; False where a former start did."""
        from docker.errors import APIError

        name, is_new = self.name(spec.directory), True
        files.lay_out(spec, code, name)
        ground = self._ground(spec, code, files)
        with self._engine.asked() as client:
            try:
                client.create_container_from_config(settings(spec, ground), name)
            except APIError as error:
                if error.status_code != 409:
                    raise
                is_new = False
        files.created(spec.directory)
        return is_new

    def begin(self, name: str, *, is_new: bool = False) -> None:
        """Start a container that was created; where it runs or has ended nothing: it would run once more."""
        with self._engine.asked() as client:
            if is_new or client.inspect_container(name)["State"]["Status"] == "created":
                client.start(name)

    def discard(self, directory: Path) -> None:
        """Remove an attempt's container. Raises LaunchError."""
        # Said before it is done: a server that is killed in between finds the word.
        with contextlib.suppress(OSError):
            (directory / boxes.OVER).touch()
        self._engine.remove(self.name(directory))

    def _ground(self, spec: AttemptSpec, code: Path, files: HostFiles) -> Ground:
        kept = [self._root / name for name in ("secrets", "nodegraph.db", "runs", "docker")]
        forbidden = (*kept, *([self._engine.socket] if self._engine.socket else []))
        mounts = files.mounts(spec, code, boxes.mounts(spec, code, forbidden))
        cores = float(self._engine.known()["NCPU"])
        devices, visible = named(self._host(), spec.gpus)
        if spec.own_image is None:
            image, command = self._images.tag(spec.environment), harness_command(spec)
        else:
            image = spec.own_image.image
            command = list(spec.own_image.command) or self._images.command(image)
        return Ground(image, command, mounts, self.owner, cores, code, files.user(), devices, visible)
