"""One service's process: started with its key on a pipe, asked for its health, ended as a tree."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from executor import processes
from executor.deployments.spec import FILE, ServiceSpec

LOG = "log"
EXIT = "exit.json"
_HEALTH_SECONDS = 2.0
_TAIL_BYTES = 64 * 1024


@dataclass(frozen=True)
class Server:
    """A process known by pid and start time; `mark` is what all of its tree carry."""

    pid: int
    started: str
    mark: str

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return processes.is_alive(self.pid, self.started)


def spawn(
    spec: ServiceSpec, directory: Path, python: Path, import_roots: list[Path], key: str | None
) -> subprocess.Popen[bytes]:
    """Start a service in its directory, in a session of its own."""
    (directory / FILE).write_text(spec.model_dump_json(indent=2) + "\n", encoding="utf-8")
    (directory / EXIT).unlink(missing_ok=True)
    with contextlib.suppress(FileNotFoundError):
        (directory / LOG).replace(directory / f"{LOG}.1")
    environment = processes.environment_for(
        mark=processes.mark_of(directory), roots=import_roots, secrets={"key": key} if key else {}
    )
    with (directory / LOG).open("wb") as log:
        child = subprocess.Popen(
            [str(python), "-P", "-m", spec.module, FILE],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd=directory,
            env=environment,
            start_new_session=True,
        )
    assert child.stdin is not None
    with contextlib.suppress(BrokenPipeError), child.stdin:
        child.stdin.write(f"{key or ''}\n".encode())
    return child


def found(directory: Path) -> Server | None:
    """The service's process where its handle was never saved: the leader among those with its mark."""
    mark = processes.mark_of(directory)
    for pid in processes.marked(mark):
        with contextlib.suppress(OSError):
            if os.getsid(pid) == pid and (started := processes.start_time(pid)):
                return Server(pid, started, mark)
    return None


def end(server: Server, grace_seconds: float) -> None:
    """SIGTERM, and after the grace SIGKILL to the whole tree."""
    if server.alive:
        for process in processes.tree(server.pid, server.started)[:1]:
            processes.send(process, signal.SIGTERM)
        processes.wait_gone(server.pid, server.started, grace_seconds)
    processes.kill_everything(server.pid, server.started, server.mark)


def ask_health(host: str, port: int, pid: int, seconds: float = _HEALTH_SECONDS) -> dict[str, Any] | None:
    """What /health says; None where nothing answers, or what answers is not that process."""
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        said = json.loads(answer.read(64 * 1024))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return said if answer.status == 200 and isinstance(said, dict) and said.get("pid") == pid else None


def ended_by_itself(directory: Path) -> str | None:
    """Why a service ended in an orderly way; None where it did not, or still runs."""
    try:
        said = json.loads((directory / EXIT).read_text(encoding="utf-8"))
        return str(said["message"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def tail(directory: Path, lines: int) -> str:
    """The last lines of a service's log."""
    try:
        with (directory / LOG).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def port_is_free(host: str, port: int) -> bool:
    """Whether a service could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port(host: str) -> int:
    """Any port that is free now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def wait_free(host: str, port: int, seconds: float = 2.0) -> bool:
    """Whether a port becomes free soon, as that of a service which has just ended does."""
    until = time.monotonic() + seconds
    while not port_is_free(host, port):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
