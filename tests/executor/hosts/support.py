"""What tests of hosts share: an address of the real engine that can be cut off, and one that says nothing."""

from __future__ import annotations

import contextlib
import re
import socket
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from executor.launchers.docker.engine import DockerEngine


class Line:
    """A socket that leads to the engine of this machine: a host that can be cut off and joined again.

    It passes for another engine, by an ID of its own, unless it is to be known as the `same`.
    """

    def __init__(self, *, same: bool = False) -> None:
        engine_id = str(DockerEngine().info()["ID"]).encode()
        self._engine_id = engine_id
        self._shown_id = engine_id if same else engine_id[::-1]
        # Sockets' names may not be long.
        self._folder = tempfile.TemporaryDirectory(prefix="ng-", dir="/var/tmp")
        self.path = Path(self._folder.name) / "engine.sock"
        self._open: list[socket.socket] = []
        self._asked = bytearray()
        self.join()

    @property
    def address(self) -> str:
        return f"unix://{self.path}"

    def looks(self) -> set[str]:
        """The names of the containers that were asked for here to have a look at the host."""
        return {name.decode() for name in re.findall(rb"[?&]name=(nodegraph-look-\w+)", self._asked)}

    def join(self) -> None:
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(self.path))
        listening.listen(16)
        self._open = [listening]
        threading.Thread(target=self._serve, args=(listening,), daemon=True).start()

    def cut(self) -> None:
        """End it with all the connections that there are."""
        self.path.unlink()
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self) -> None:
        if self.path.exists():
            self.cut()
        self._folder.cleanup()

    def _serve(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listening.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(str(DockerEngine().socket))
                self._open += [near, far]
                for source, target, pass_on in ((near, far, self._heard), (far, near, self._shown)):
                    threading.Thread(target=_pump, args=(source, target, pass_on), daemon=True).start()

    def _heard(self, piece: bytes) -> bytes:
        self._asked += piece
        return piece

    def _shown(self, piece: bytes) -> bytes:
        return piece.replace(self._engine_id, self._shown_id)


def _pump(source: socket.socket, target: socket.socket, pass_on: Callable[[bytes], bytes]) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(pass_on(piece))
        target.shutdown(socket.SHUT_WR)


class Silent:
    """A socket at which somebody listens who never says a word."""

    def __init__(self, folder: Path) -> None:
        self.address = f"unix://{folder / 'silent.sock'}"
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(folder / "silent.sock"))
        self._socket.listen(16)

    def close(self) -> None:
        self._socket.close()
