"""Servers one after the other on one data directory: started, told to end, killed, and what they said."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

from tests.executor.forking import Forked

READY_SECONDS = 60.0


class Place:
    """A data directory with the ledger of what was executed and the trail of its servers.

    Where `forked`, servers do not start in a new interpreter each: they are ready sooner.
    """

    def __init__(self, root: Path, *, forked: bool = False) -> None:
        self.root = root
        self.forked = forked
        self.data = root / "data"
        self.ledger = root / "ledger"
        self.trail = root / "trail"
        root.mkdir(parents=True, exist_ok=True)
        # Whoever containers run as writes there too.
        root.chmod(0o755)
        self.ledger.touch()
        self.ledger.chmod(0o666)
        self.trail.touch()

    def executed(self) -> list[str]:
        """run/node/attempt of every execution."""
        return self.ledger.read_text().split()

    def said(self, pid: int | None = None) -> list[dict[str, Any]]:
        """The trail, of one server or of all."""
        lines = [json.loads(line) for line in self.trail.read_text().splitlines()]
        return [line for line in lines if pid in (None, line["pid"])]


class Server:
    """One server process; `point` and `number` say where it kills itself."""

    def __init__(self, place: Place, *, point: str = "", number: int = 1, cores: float = 4) -> None:
        paths = {"data": place.data, "ledger": place.ledger, "trail": place.trail}
        command = {**{name: str(path) for name, path in paths.items()}, "point": point, "number": number}
        self.began = time.time()
        told = json.dumps({**command, "cores": cores})
        with (place.root / "servers.log").open("ab") as log:
            self.process = (_forked if place.forked else _anew)(told, log)

    def ready(self) -> float | None:
        """Wait until it is at work: the seconds that this took, None where it died before."""
        assert self.process.stdout is not None
        if self.process.stdout.readline() != b"ready\n":
            self.process.wait(READY_SECONDS)
            return None
        return time.time() - self.began

    def dead(self, seconds: float) -> bool:
        """Wait so long for it to die; whether it did."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        self.process.wait()

    def leave(self) -> None:
        """SIGTERM."""
        self.process.terminate()


def _anew(told: str, log: IO[bytes]) -> subprocess.Popen[bytes]:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "tests.chaos.server", told]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=log)


def _forked(told: str, log: IO[bytes]) -> Forked:
    code = "from tests.chaos.server import main; main()"
    return Forked(code, told, stdout=subprocess.PIPE, stderr=log.fileno())
