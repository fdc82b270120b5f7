"""The launcher `docker`: every host's engine, each asked only when something is to happen on it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from executor.environments import Environments
from executor.hosts.inventory import Inventory
from executor.hosts.model import LOCAL, Host
from executor.images.images import Images
from executor.launchers.base import AttemptSpec, Handle, LaunchError, Poll, Say, Wanted
from executor.launchers.docker.boxes import OVER
from executor.launchers.docker.engine import DockerEngine
from executor.launchers.docker.identity import identity
from executor.launchers.docker.launcher import DockerLauncher
from executor.launchers.docker.purging import Purged, purge
from executor.launchers.docker.streaming.held import held_file
from executor.launchers.docker.streaming.volume import volume_name


class DockerFleet:
    """Implements launchers.base.Launcher. A handle is {name, host} of the container."""

    name = "docker"

    def __init__(self, root: Path, inventory: Inventory, environments: Environments) -> None:
        self._root = root
        self._inventory = inventory
        self._environments = environments
        self._members: dict[str, tuple[Host, DockerLauncher, DockerEngine, Images]] = {}
        self._lock = threading.Lock()

    def engine(self, host: str) -> DockerEngine:
        """The engine of a host. LaunchError where the host was removed."""
        return self._member(host)[2]

    def images(self, host: str) -> Images:
        """The images of environments on a host."""
        return self._member(host)[3]

    def resume(self, ended: Iterable[Path]) -> None:
        """Look for containers that a former server left to be removed, where there ever were any.

        `ended` are the directories of attempts whose end is committed: nobody wants their containers.
        """
        if (self._root / "docker" / "id").exists():
            for directory in ended:
                with contextlib.suppress(OSError):
                    (directory / OVER).touch()
            for host in self._inventory.hosts():
                self._on(host).resume()

    def obstacle(self, host: str) -> str:
        """Why the host's engine cannot be used now."""
        try:
            return self._on(host).obstacle()
        except LaunchError as error:
            return error.message

    def holds(self, host: str, digests: Collection[str]) -> int:
        """What the host has of these artifacts already, where it does not read them here."""
        return self._on(host).holds(digests)

    def prepare(self, spec: AttemptSpec, say: Say) -> None:
        """Have the image on the host."""
        self._on(spec.host).prepare(spec, say)

    def start(self, spec: AttemptSpec) -> Handle:
        """Start the attempt's container on its host."""
        return self._on(spec.host).start(spec)

    def adopt(self, directory: Path, handle: Handle | None, host: str) -> Handle | None:
        """Find an attempt's container on its host."""
        return self._on(host).adopt(directory, handle)

    def poll(self, directory: Path, handle: Handle) -> Poll:
        """How an attempt stands."""
        try:
            return self._on(_host(handle)).poll(directory, handle)
        except LaunchError as error:
            return Poll("lost", reason=error.message)

    def written_apart(self, directory: Path, handle: Handle) -> int:
        """What an attempt wrote into its container's own layer."""
        return self._on(_host(handle)).written_apart(directory, handle)

    def stop(
        self, directory: Path, handle: Handle, grace_seconds: float, wanted: Wanted = lambda: True
    ) -> None:
        """End an attempt's container."""
        self._on(_host(handle)).stop(directory, handle, grace_seconds, wanted)

    def cleanup(self, directory: Path, handle: Handle) -> None:
        """Remove an attempt's container."""
        self._on(_host(handle)).cleanup(directory, handle)

    def left_on(self, host: str) -> str:
        """The volume that a host keeps for this data directory; empty where nothing was streamed there."""
        return volume_name(self._owner) if held_file(self._root, host).exists() else ""

    def purge(self, engine: DockerEngine, in_use: Callable[[Mapping[str, str]], bool]) -> Purged:
        """Remove what this data directory left on the host of an engine, but for containers in use."""
        with self._lock:
            member = self._members.pop(engine.host, None)
        if member is not None:
            member[1].close()
        purged = purge(engine, self._owner, in_use)
        held_file(self._root, engine.host).unlink(missing_ok=True)
        return purged

    def close(self) -> None:
        """End the watching; containers run on."""
        with self._lock:
            members = list(self._members.values())
        for _, launcher, _, _ in members:
            launcher.close()

    @property
    def _owner(self) -> str:
        return identity(self._root / "docker")

    def _own_engine(self) -> DockerEngine:
        """The engine of this machine, from which others are given images."""
        own = self._inventory.get(LOCAL)
        return DockerEngine((own.address if own else "") or None)

    def _on(self, host: str) -> DockerLauncher:
        return self._member(host)[1]

    def _member(self, name: str) -> tuple[Host, DockerLauncher, DockerEngine, Images]:
        host = self._inventory.get(name)
        with self._lock:
            member = self._members.get(name)
            if host is None:
                if member is not None:
                    return member
                raise LaunchError(
                    "infrastructure",
                    f"The host {name} was removed.",
                    f"Add it again: nodegraph hosts add {name} ADDRESS.",
                )
            if member is None or _way(member[0]) != _way(host):
                engine = DockerEngine(host.address or None, host=name, tls=host.tls, files=host.files)
                donor = None if name == LOCAL else self._own_engine()
                images = Images(self._root / "docker" / "images", self._environments, engine, donor)
                launcher = DockerLauncher(name, self._root, images, engine, lambda: self._inventory.get(name))
                if member is not None:
                    threading.Thread(target=member[1].close, daemon=True).start()
                member = self._members[name] = (host, launcher, engine, images)
            return member


def _way(host: Host) -> tuple[object, ...]:
    """How a host is reached: where that changes, its launcher is another."""
    return host.address, host.files, dict(host.tls)


def _host(handle: Handle) -> str:
    found: str = handle.get("host", LOCAL)
    return found
