"""Speaks with the engine of another machine through the system's ssh client and Docker's own command there.

One ssh process for each connection, which are kept and used again; but for the first, they go through the
connection that a process of its own holds, without another handshake. Its keys, known hosts and settings are
those of the user whom the server runs as; nothing is ever asked.
"""

from __future__ import annotations

import atexit
import contextlib
import re
import socket
import subprocess
import tempfile
import threading
from functools import cache
from typing import Any

from executor.launchers.base import LaunchError

_ADDRESS = re.compile(
    r"ssh://(?:(?P<user>[\w.+~-]+)@)?(?P<host>[\w.-]+|\[[0-9a-fA-F:.%]+\])(?::(?P<port>\d+))?/?"
)
_OPTIONS = {
    "BatchMode": "yes", "ConnectTimeout": "8", "ServerAliveInterval": "5", "ServerAliveCountMax": "2",
    "ClearAllForwardings": "yes", "ForwardAgent": "no", "PermitLocalCommand": "no", "RequestTTY": "no",
}  # fmt: skip
# So long the shared connection waits for another that uses it.
_HELD_SECONDS = 60
_STOP_SECONDS = 5
_LONGEST_FOLDER = 40


def command(address: str) -> list[str]:
    """The ssh command that speaks with the engine at `ssh://user@host:port`. Raises LaunchError."""
    found = _ADDRESS.fullmatch(address)
    if found is None or found["host"].startswith("-") or (found["user"] or "").startswith("-"):
        message = f"{address} is no address of a host."
        raise LaunchError("input", message, "Write it as ssh://user@host or ssh://user@host:port.")
    words = ["ssh", *(f"-o{name}={value}" for name, value in _OPTIONS.items())]
    words += ["-l", found["user"]] if found["user"] else []
    words += ["-p", found["port"]] if found["port"] else []
    return [*words, "--", found["host"].strip("[]"), "docker system dial-stdio"]


class SshWay:
    """Makes connections to the engine at an address."""

    def __init__(self, address: str) -> None:
        ssh, *rest = command(address)
        self._shared = [ssh, f"-oControlPath={_meeting_place()}"]
        self._command = [*self._shared, "-oControlMaster=auto", f"-oControlPersist={_HELD_SECONDS}", *rest]
        self._rest = rest
        self._said: Any = None

    def open(self, seconds: float) -> socket.socket:
        """A new connection, which waits so long for a word."""
        ours, theirs = socket.socketpair()
        # Without a name, and gone with the last who has it open.
        self._said = said = tempfile.TemporaryFile()  # noqa: SIM115
        with theirs:
            end = theirs.fileno()
            process = subprocess.Popen(
                self._command, stdin=end, stdout=end, stderr=said, start_new_session=True
            )
        # It ends when our side of the pair is closed, or when the other machine does not answer it.
        threading.Thread(target=process.wait, daemon=True, name="nodegraph-ssh").start()
        ours.settimeout(seconds)
        return ours

    def close(self) -> None:
        """Have the connection end with the last that uses it."""
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            words = [*self._shared, "-Ostop", *self._rest[:-1]]
            subprocess.run(words, capture_output=True, timeout=_STOP_SECONDS)

    def trouble(self) -> str:
        """The last line that ssh wrote of the latest connection; empty where there is none."""
        if self._said is None:
            return ""
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").split("\n")
        # The shared connection has no room: ssh then makes one more, which is no trouble.
        said = [line.strip() for line in lines if line.strip() and not line.startswith("ControlSocket ")]
        return said[-1] if said else ""


def adapter(way: SshWay, seconds: float) -> Any:
    """What a client of Docker's sends its requests through, to have them go this way."""
    from docker.transport.unixconn import UnixHTTPAdapter
    from urllib3.connection import HTTPConnection
    from urllib3.connectionpool import HTTPConnectionPool

    def connection(**_: Any) -> Any:
        made: Any = HTTPConnection("localhost", timeout=seconds)

        def connect() -> None:
            made.sock = way.open(seconds)

        made.connect = connect
        return made

    pool: Any = HTTPConnectionPool("localhost", timeout=seconds, maxsize=10)
    pool.ConnectionCls = connection
    found: Any = UnixHTTPAdapter("http+unix:///ssh", seconds)
    found.pools["ssh"] = pool
    found.get_connection = lambda url, proxies=None: pool
    found.trouble = way.trouble
    close = found.close

    def closed() -> None:
        close()
        way.close()

    found.close = closed
    return found


@cache
def _meeting_place() -> str:
    """Where connections that share one find it, in a folder that only this process's user may enter."""
    folder = tempfile.TemporaryDirectory(prefix="ng-ssh-")
    atexit.register(folder.cleanup)
    # Sockets' names may not be long.
    return f"{folder.name}/%C" if len(folder.name) <= _LONGEST_FOLDER else "none"
