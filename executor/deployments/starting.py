"""Starts a service's process: the port it gets, the environment it needs, the key it is handed."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from executor import processes
from executor.deployments import server as servers
from executor.deployments.rows import OPEN, Rows, handle_of
from executor.deployments.server import Server
from executor.deployments.spec import ServiceSpec
from executor.environments import Environments
from executor.launchers.base import LaunchError, Say
from nodegraph.errors import NodeFailure

START_SECONDS = 900.0


class Starter:
    """What starting a service takes, whoever asks for it."""

    def __init__(
        self, rows: Rows, environments: Environments, secret: Callable[[str], str | None], nodes_root: Path
    ) -> None:
        self._rows = rows
        self._environments = environments
        self._secret = secret
        self._import_roots = processes.import_roots(nodes_root)
        self._children: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()

    def prepare(self, spec: ServiceSpec, say: Say) -> Path:
        """The interpreter of the service's environment, which is made where it is not there."""
        try:
            return self._environments.prepare(spec.environment, say)
        except LaunchError as error:
            raise NodeFailure(error.category, error.message, error.hint) from error

    def with_port(self, spec: ServiceSpec) -> ServiceSpec:
        """The service at its port, or at any free one where it has no fixed one and its own is taken."""
        if servers.wait_free(spec.host, spec.port):
            return spec
        if not spec.port_fixed:
            return spec.at_port(servers.free_port(spec.host))
        others = [row.name for row in self._rows.all() if row.port == spec.port and row.state in OPEN]
        by = f"the service {others[0]}" if others else "another program"
        hint = "Stop it, or give this service another port; 0 takes any free one."
        raise NodeFailure("input", f"The port {spec.port} is taken by {by}.", hint)

    def spawn(self, spec: ServiceSpec, directory: Path, restarts: int = 0) -> Server:
        """Start the process and note it in the row."""
        python, key = self.prepare(spec, lambda _: None), self._key(spec)
        child = servers.spawn(spec, directory, python, self._import_roots, key)
        with self._lock:
            self._children.append(child)
        started = processes.start_time(child.pid) or "gone"
        server = Server(child.pid, started, processes.mark_of(directory))
        handle = handle_of(server, restarts)
        self._rows.update(spec.name, state="starting", handle=handle, port=spec.port, spec=spec.model_dump())
        return server

    def wait(self, server: Server, spec: ServiceSpec, directory: Path, say: Say) -> None:
        """Wait until the service answers. Raises NodeFailure with what its log says where it ends instead."""
        until = time.monotonic() + START_SECONDS
        while servers.ask_health(spec.host, spec.port, server.pid) is None:
            self.reap()
            if not server.alive:
                last = servers.tail(directory, 1) or "It wrote nothing."
                hint = f"`nodegraph services logs {spec.name}` shows all it wrote."
                raise NodeFailure("node", f"The service {spec.name} ended while it started. {last}", hint)
            if time.monotonic() > until:
                message = f"The service {spec.name} did not answer within {START_SECONDS / 60:g} minutes."
                raise NodeFailure("infrastructure", message, "A smaller model loads faster; see its log.")
            say("")
            time.sleep(0.1)

    def reap(self) -> None:
        """Take note of ended children, which would stay as zombies otherwise."""
        with self._lock:
            self._children = [child for child in self._children if child.poll() is None]

    def _key(self, spec: ServiceSpec) -> str | None:
        if spec.api_key is None:
            return None
        value = self._secret(spec.api_key)
        if not value:
            hint = f"Set it under Settings, or as the environment variable {spec.api_key}."
            raise NodeFailure("input", f"The secret {spec.api_key}, the service's API key, is not set.", hint)
        return value
