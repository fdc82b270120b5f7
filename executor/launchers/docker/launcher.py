"""Runs attempts in containers of one Docker engine, one container each.

The image holds an environment's requirements; harness, node code, job and inputs are mounted, and the
attempt's files are written by the container itself. So neither a server nor an engine that was away
misses anything, and a container is only needed while it runs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection
from functools import cached_property
from pathlib import Path

from executor.hosts.model import Host
from executor.images.images import Images
from executor.launchers.base import AttemptSpec, Handle, LaunchError, Poll, Say, Wanted
from executor.launchers.docker import boxes, ending, returns
from executor.launchers.docker.container import ATTEMPT, NODE, RUN
from executor.launchers.docker.containers import Containers
from executor.launchers.docker.engine import DockerEngine, EngineDown, refusal, words_of
from executor.launchers.docker.host_files import HostFiles
from executor.launchers.docker.parcel import Parcels
from executor.launchers.docker.shared import Shared
from executor.launchers.docker.streaming.remote import Remote, is_streamed
from executor.launchers.docker.verdicts import lost, refused
from executor.launchers.docker.watch import Seen, Watch
from executor.launchers.docker.wrapper import HUB_TOKEN_FILE


class DockerLauncher:
    """Serves one host of the fleet, with the calls of launchers.base.Launcher. A handle is {name, host}.

    `root` is the data directory: its containers are told from those of others by an id that is kept in it.
    `host` answers what is said of the host now.
    """

    def __init__(
        self,
        name: str,
        root: Path,
        images: Images,
        engine: DockerEngine,
        host: Callable[[], Host | None] = lambda: None,
    ) -> None:
        self._name = name
        self._root = root
        self._images = images
        self._engine = engine
        self._host = host
        self._containers = Containers(root, images, engine, host)
        self._shared = Shared(engine)
        self._parcels = Parcels(root / "docker" / "code")
        # Containers of which it is not known whether they began, for the engine went away.
        self._unsure: set[str] = set()

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
        self._files().send(spec, self._parcels.of(spec), say)

    def start(self, spec: AttemptSpec) -> Handle:
        """Create and start the container, unless there is one for the attempt."""
        from docker.errors import APIError

        name = self._containers.name(spec.directory)
        try:
            is_new = self._containers.create(spec, self._parcels.of(spec), self._files())
        except EngineDown:
            # It may have been created, but has not begun: whoever sees it then removes it.
            (spec.directory / boxes.OVER).touch()
            raise
        except APIError as error:
            with contextlib.suppress(LaunchError):
                self._discard(spec.directory)
            raise refused(spec, error) from error
        except OSError as error:
            raise LaunchError(
                "infrastructure",
                f"The attempt's files could not be made: {error.strerror}.",
                "Retry the node.",
            ) from error
        try:
            self._containers.begin(name, is_new=is_new)
        except EngineDown:
            # It may run, so nothing else may: it counts as running until the engine is back.
            self._unsure.add(name)
        except APIError as error:
            with contextlib.suppress(LaunchError):
                self._discard(spec.directory)
            raise refused(spec, error) from error
        return self._handle(name)

    def adopt(self, directory: Path, handle: Handle | None) -> Handle | None:
        """Find an attempt by its handle or by its container's name; one that was only created is started.

        Where the engine does not answer it counts as started: what may run there must not run again.
        """
        self._watch.want()
        name = self._containers.name(directory)
        if handle is not None or returns.exit_status(directory) is not None:
            return handle or self._handle(name)
        try:
            return self._found(directory, name)
        except EngineDown:
            self._unsure.add(name)
            return self._handle(name)

    def poll(self, directory: Path, handle: Handle) -> Poll:
        """What the container wrote down first; without it, how the container was last seen."""
        if (poll := returns.collect(directory)) is not None:
            return poll
        files = self._files_of(directory)
        if (trouble := files.trouble(directory)) is not None:
            return Poll("lost", reason=trouble.message)
        seen = self._watch.look(handle["name"])
        if seen is None or seen.state not in ("gone", "exited", "dead") or not files.are_here(directory):
            return Poll("running", reason=self._away())
        return returns.collect(directory) or lost(seen)

    def written_apart(self, directory: Path, handle: Handle) -> int:
        """How large the container's own layer is, where /tmp and all that is not mounted lies.

        Of one whose files are on its host it is counted there, together with them.
        """
        name = handle["name"]
        if is_streamed(directory) or self._watch.away:
            return 0
        return self._engine.layer_bytes([name]).get(name, 0)

    def stop(
        self, directory: Path, handle: Handle, grace_seconds: float, wanted: Wanted = lambda: True
    ) -> None:
        """Ask, wait, kill; returns once the container has ended and nothing can write any more."""
        from docker.errors import APIError

        name, status = handle["name"], returns.exit_status(directory)
        try:
            if status is not None:
                ending.wait(self._engine, name)
            else:
                self._files_of(directory).stop(directory, name, grace_seconds, wanted)
        except APIError as error:
            raise refusal("stopped", error) from error
        except EngineDown:
            # With a status written, the kernel ends what is left together with the container's first process.
            if status is None:
                raise

    def cleanup(self, directory: Path, handle: Handle) -> None:
        """Remove the container; where the engine is away, it is removed when it is back."""
        with contextlib.suppress(OSError):
            (directory / boxes.RETURNED / HUB_TOKEN_FILE).unlink(missing_ok=True)
        self._discard(directory)
        self._files_of(directory).put_away(directory)

    def holds(self, digests: Collection[str]) -> int:
        """How many bytes of these artifacts are on the host, where it reads none of ours."""
        near = self._engine.socket is not None and "_remote" not in vars(self)
        return 0 if near else self._remote.holds(digests)

    def close(self) -> None:
        """End the watching; containers run on."""
        known = vars(self)
        if "_watch" in known:
            self._watch.close()
        if "_remote" in known:
            self._remote.close()
        self._engine.close()

    @cached_property
    def _watch(self) -> Watch:
        return Watch(self._engine, self._containers.owner, self._sweep)

    @cached_property
    def _remote(self) -> Remote:
        return Remote(
            self._name, self._host, self._root, self._containers.owner, self._engine, self._images.pull,
            lambda: self._watch.away,
        )  # fmt: skip

    def _files(self) -> HostFiles:
        """How the files of a new attempt get there."""
        return self._shared if self._engine.shares_files() else self._remote

    def _files_of(self, directory: Path) -> HostFiles:
        """How the files of an attempt got there, whatever was said of the host since."""
        return self._remote if is_streamed(directory) else self._shared

    def _away(self) -> str:
        """Why nothing is known of what runs there; empty where the host answers."""
        if not self._watch.away:
            return ""
        said = f"The host {self._name} does not answer; what runs there is unknown until it does."
        return f"{said} {self._watch.hint}".rstrip()

    def _found(self, directory: Path, name: str) -> Handle | None:
        from docker.errors import APIError

        found = self._engine.container(name)
        if found is None:
            return None
        if found["State"]["Status"] == "created":
            try:
                self._containers.begin(name)
            except APIError:
                # It has never run and never will: the attempt is started anew, which says why it cannot.
                self._discard(directory)
                return None
        return self._handle(name)

    def _handle(self, name: str) -> Handle:
        return {"name": name, "host": self._name}

    def _discard(self, directory: Path) -> None:
        self._containers.discard(directory)
        self._watch.forget(self._containers.name(directory))

    def _sweep(self, seen: dict[str, Seen]) -> None:
        """Mend what was left half done when the engine, or we, were away."""
        for name, container in seen.items():
            place = [container.labels.get(label, "") for label in (RUN, NODE, ATTEMPT)]
            directory = self._root.joinpath("runs", *place)
            if name != self._containers.name(directory):
                continue
            if (directory / boxes.OVER).exists():
                with contextlib.suppress(LaunchError):
                    self._engine.remove(name)
                    self._files_of(directory).remove_later(directory)
            elif name in self._unsure and container.state == "created":
                self._containers.begin(name)
        self._unsure -= seen.keys()
