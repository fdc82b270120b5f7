"""Runs attempts in containers of one Docker engine, one container each.

The image holds an environment's requirements; harness, node code, job and inputs are mounted, and the
attempt's files are written by the container itself. So neither a server nor an engine that was away
misses anything, and a container is only needed while it runs.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from executor.images.images import Images
from executor.launchers.base import AttemptSpec, Handle, LaunchError, Poll, Say
from executor.launchers.docker import boxes, returns
from executor.launchers.docker.container import (
    ATTEMPT,
    NODE,
    RUN,
    Ground,
    harness_command,
    name_of,
    settings,
)  # fmt: skip
from executor.launchers.docker.engine import DockerEngine, EngineDown, refusal, words_of
from executor.launchers.docker.identity import identity
from executor.launchers.docker.parcel import Parcels
from executor.launchers.docker.verdicts import lost, refused
from executor.launchers.docker.watch import Seen, Watch
from executor.launchers.docker.wrapper import HUB_TOKEN_FILE

_ENDING_SECONDS = 10.0


class DockerLauncher:
    """Serves one host of the fleet, with the calls of launchers.base.Launcher. A handle is {name, host}.

    `root` is the data directory: its containers are told from those of others by an id that is kept in it.
    """

    def __init__(self, host: str, root: Path, images: Images, engine: DockerEngine) -> None:
        self._host = host
        self._root = root
        self._images = images
        self._engine = engine
        self._parcels = Parcels(root / "docker" / "code")
        self._cores: float | None = None
        self._known_owner = ""
        self._known_watch: Watch | None = None

    def resume(self) -> None:
        """Look for containers that a former server left to be removed, where there ever were any."""
        if (self._root / "docker" / "id").exists():
            self._watch.want()

    def obstacle(self) -> str:
        """Why the engine cannot be used now."""
        return self._watch.obstacle()

    def prepare(self, spec: AttemptSpec, say: Say) -> None:
        """Build the environment's image where the engine has none, or pull the one that the node names."""
        from docker.errors import APIError

        try:
            if spec.own_image is not None:
                self._images.pull(spec.own_image.image, say)
            else:
                self._images.ensure(spec.environment, say)
        except APIError as error:
            image = spec.own_image.image if spec.own_image else self._images.tag(spec.environment)
            hint = "Check its name; `nodegraph doctor` looks at the engine."
            raise LaunchError(
                "image", f"The image {image} cannot be used: {words_of(error)}.", hint
            ) from error
        if self._cores is None:
            self._cores = float(self._engine.info()["NCPU"])

    def start(self, spec: AttemptSpec) -> Handle:
        """Create and start the container, unless there is one for the attempt."""
        from docker.errors import APIError

        name = name_of(spec.directory, self._owner)
        try:
            code = self._parcels.of(spec)
            boxes.fill_in(spec, code)
            ground = self._ground(spec, code)
            with self._engine.asked() as client:
                try:
                    client.create_container_from_config(settings(spec, ground), name)
                except APIError as error:
                    if error.status_code != 409:  # a former start got that far
                        raise
                self._begin(name)
        except EngineDown:
            # It may come to life once the engine does: whoever sees it then removes it.
            (spec.directory / boxes.OVER).touch()
            raise
        except APIError as error:
            with contextlib.suppress(LaunchError):
                self._discard(spec.directory, name)
            raise refused(spec, error) from error
        except OSError as error:
            raise LaunchError(
                "infrastructure",
                f"The attempt's files could not be made: {error.strerror}.",
                "Retry the node.",
            ) from error
        return self._handle(name)

    def adopt(self, directory: Path, handle: Handle | None) -> Handle | None:
        """Find an attempt by its handle or by its container's name; one that was only created is started.

        Waits for an engine that does not answer: what runs there must not be run again.
        """
        self._watch.want()
        name = name_of(directory, self._owner)
        if handle is not None or returns.exit_status(directory) is not None:
            return handle or self._handle(name)
        while True:
            try:
                return self._found(directory, name)
            except EngineDown:
                time.sleep(1.0)

    def poll(self, directory: Path, handle: Handle) -> Poll:
        """What the container wrote down first; without it, how the container was last seen."""
        if (poll := returns.collect(directory)) is not None:
            return poll
        seen = self._watch.look(handle["name"])
        if seen is None or seen.state not in ("gone", "exited", "dead"):
            return Poll("running")
        return returns.collect(directory) or lost(seen)

    def stop(self, directory: Path, handle: Handle, grace_seconds: float) -> None:
        """Ask, wait, kill; returns once the container has ended and nothing can write any more."""
        from docker.errors import APIError

        try:
            if returns.exit_status(directory) is None:
                self._stop(handle["name"], grace_seconds)
            else:
                self._ended(handle["name"])
        except APIError as error:
            raise refusal("stopped", error) from error
        except EngineDown:
            # With a status written, the kernel ends what is left together with the container's first process.
            if returns.exit_status(directory) is None:
                (directory / boxes.OVER).touch()
                raise

    def cleanup(self, directory: Path, handle: Handle) -> None:
        """Remove the container; where the engine is away, it is removed when it is back."""
        with contextlib.suppress(OSError):
            (directory / boxes.RETURNED / HUB_TOKEN_FILE).unlink(missing_ok=True)
        self._discard(directory, handle["name"])

    def close(self) -> None:
        """End the watching; containers run on."""
        if self._known_watch is not None:
            self._known_watch.close()
        self._engine.close()

    @property
    def _owner(self) -> str:
        """The data directory's id among all that use the engine."""
        self._known_owner = self._known_owner or identity(self._root / "docker")
        return self._known_owner

    @property
    def _watch(self) -> Watch:
        if self._known_watch is None:
            self._known_watch = Watch(self._engine, self._owner, self._sweep)
        return self._known_watch

    def _ground(self, spec: AttemptSpec, code: Path) -> Ground:
        forbidden = (
            *(self._root / name for name in ("secrets", "nodegraph.db", "runs", "docker")),
            self._engine.socket,
        )
        mounts = boxes.mounts(spec, code, forbidden)
        cores = self._cores or float(os.cpu_count() or 1)
        if spec.own_image is None:
            image, command = self._images.tag(spec.environment), harness_command(spec)
            return Ground(image, command, mounts, self._owner, cores, code)
        image = spec.own_image.image
        command = list(spec.own_image.command) or self._images.command(image)
        return Ground(image, command, mounts, self._owner, cores)

    def _begin(self, name: str) -> None:
        """Start a container that was created; nothing where it runs or has ended."""
        with self._engine.asked() as client:
            client.start(name)

    def _found(self, directory: Path, name: str) -> Handle | None:
        from docker.errors import APIError

        found = self._engine.container(name)
        if found is None:
            return None
        if found["State"]["Status"] == "created":
            try:
                self._begin(name)
            except APIError:
                # It has never run and never will: the attempt is started anew, which says why it cannot.
                self._discard(directory, name)
                return None
        return self._handle(name)

    def _handle(self, name: str) -> Handle:
        return {"name": name, "host": self._host}

    def _stop(self, name: str, grace_seconds: float) -> None:
        from docker.errors import NotFound

        with self._engine.asked() as client, contextlib.suppress(NotFound):
            if client.inspect_container(name)["State"]["Paused"]:
                client.unpause(name)
            client.stop(name, timeout=round(grace_seconds))

    def _ended(self, name: str) -> None:
        """Wait for the end of a container whose attempt has ended, which takes it a moment; else kill it."""
        from docker.errors import APIError, NotFound

        with self._engine.asked() as client, contextlib.suppress(NotFound):
            try:
                client.wait(name, timeout=_ENDING_SECONDS)
            except Exception:
                with contextlib.suppress(APIError):
                    client.kill(name)

    def _discard(self, directory: Path, name: str) -> None:
        # Said before it is done: a server that is killed in between finds the word.
        with contextlib.suppress(OSError):
            (directory / boxes.OVER).touch()
        self._engine.remove(name)
        self._watch.forget(name)

    def _sweep(self, seen: dict[str, Seen]) -> None:
        """Remove containers that were to be removed when the engine, or we, were away."""
        for name, container in seen.items():
            place = [container.labels.get(label, "") for label in (RUN, NODE, ATTEMPT)]
            directory = self._root.joinpath("runs", *place)
            if name == name_of(directory, self._owner) and (directory / boxes.OVER).exists():
                with contextlib.suppress(LaunchError):
                    self._engine.remove(name)
