"""Deploys, replaces, stops and finds services: the table says what is meant, what is shown is what lives."""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from executor.data_dir import DataDir
from executor.database.session import Database
from executor.database.tables import NodeRun, Service
from executor.deployments import server as servers
from executor.deployments.looking import Live, look
from executor.deployments.rows import OPEN, Rows, server_of
from executor.deployments.spec import ServiceSpec, read_spec
from executor.deployments.starting import Starter
from executor.environments import Environments
from executor.launchers.base import Say
from nodegraph.errors import NodeFailure, NotFound
from nodegraph.registry import DEFAULT_ROOT

FOLDER = "services"
GRACE_SECONDS = 8.0


def _silent(_sentence: str) -> None:
    return None


class Deployments:
    """The services of one data directory. Its methods may be called from any thread, in several processes."""

    def __init__(
        self,
        data_dir: DataDir,
        database: Database,
        environments: Environments,
        secret: Callable[[str], str | None],
        nodes_root: Path = DEFAULT_ROOT,
    ) -> None:
        self.rows = Rows(database)
        self.seen_alive: set[str] = set()
        self._root = data_dir.root / FOLDER
        self._starter = Starter(self.rows, environments, secret, nodes_root)

    def on_service(self, artifact: Path, node_run: NodeRun) -> None:
        """The engine's hook: start what a deploy node described, and return once it answers."""
        self.deploy(artifact, run_id=node_run.run_id, node=node_run.node)

    def service_alive(self, digest: str) -> bool:
        """The engine's hook: whether the service that an artifact describes answers now."""
        rows = [row for row in self.rows.all() if row.digest == digest and row.state in OPEN]
        return any(look(row).state == "healthy" for row in rows)

    def deploy(
        self, artifact: Path, *, run_id: int | None = None, node: str | None = None, say: Say = _silent
    ) -> Live:
        """Start a service in place of the one that has its name; NodeFailure where it does not answer."""
        spec = read_spec(artifact)
        with self._alone(spec.name):
            old = self.rows.get(spec.name)
            if old and old.state in OPEN:
                say(f"Replacing the service {spec.name}.")
                self._end(old, "It was replaced.")
            row = Service(
                name=spec.name, run_id=run_id, node=node, digest=artifact.name, state="starting",
                directory=str(self._root / spec.name), spec=spec.model_dump(), created=time.time(),
            )  # fmt: skip
            return self._start(row, spec, say)

    def start(self, name: str, say: Say = _silent) -> Live:
        """Start a service again that was stopped or has failed; one that runs is left alone."""
        with self._alone(name):
            row = self._row(name)
            if row.state in OPEN:
                live = look(row)
                if live.state in ("healthy", "starting"):
                    return live
                self._end(row, "It was started again.")
            return self._start(row, ServiceSpec.model_validate(row.spec), say)

    def stop(self, name: str) -> Live:
        """End a service, its whole tree."""
        with self._alone(name):
            row = self._row(name)
            if row.state in OPEN:
                self._end(row, "It was stopped.")
            return self.get(name)

    def get(self, name: str) -> Live:
        """One service as it stands now."""
        return look(self._row(name))

    def all(self) -> list[Live]:
        """Every service as it stands now, the latest first."""
        return [look(row) for row in self.rows.all()]

    def logs(self, name: str, lines: int = 200) -> str:
        """The end of a service's log."""
        return servers.tail(Path(self._row(name).directory), lines)

    def respawn(self, row: Service, restarts: int) -> None:
        """Start the process of a killed service anew, without waiting for it. Raises NodeFailure."""
        spec = self._starter.with_port(ServiceSpec.model_validate(row.spec))
        self._starter.spawn(spec, Path(row.directory), restarts)

    def reap(self) -> None:
        """Take note of ended children, which would stay as zombies otherwise."""
        self._starter.reap()

    @contextlib.contextmanager
    def try_alone(self, name: str) -> Iterator[bool]:
        """Hold a service for a change; False where another thread or process is at it."""
        with self._lock_file(name).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    @contextlib.contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        with self._lock_file(name).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _lock_file(self, name: str) -> Path:
        self._root.mkdir(mode=0o700, exist_ok=True)
        return self._root / f".{Path(name).name}.lock"

    def _row(self, name: str) -> Service:
        row = self.rows.get(name)
        if row is None:
            known = ", ".join(row.name for row in self.rows.all()) or "none"
            raise NotFound(f"There is no service {name}.", f"Services: {known}.")
        return row

    def _end(self, row: Service, reason: str) -> None:
        server = server_of(row)
        if server is None or not server.alive:
            server = servers.found(Path(row.directory)) or server
        if server is not None:
            servers.end(server, GRACE_SECONDS)
        self.reap()
        self.rows.close(row.name, "stopped", reason)

    def _start(self, row: Service, spec: ServiceSpec, say: Say) -> Live:
        """Intent in the table, then the process, then its handle, then its first answer."""
        directory = Path(row.directory)
        spec = self._starter.with_port(spec)
        self._starter.prepare(spec, say)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        row.state, row.reason, row.started, row.stopped, row.handle = "starting", "", time.time(), None, None
        row.spec, row.port = spec.model_dump(), spec.port
        self.rows.put(row)
        try:
            say(f"Starting the service {spec.name}: its model is being loaded.")
            server = self._starter.spawn(spec, directory)
            self._starter.wait(server, spec, directory, say)
        except BaseException as error:
            self._end(self._row(spec.name), "")
            wanted = isinstance(error, NodeFailure) and error.category == "cancelled"
            state = "stopped" if wanted else "failed"
            self.rows.close(spec.name, state, str(error) or "Its start was cancelled.")
            raise
        self.rows.update(spec.name, state="healthy")
        self.seen_alive.add(spec.name)
        say(f"The service {spec.name} answers at {spec.base_url}.")
        return self.get(spec.name)
