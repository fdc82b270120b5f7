"""A running editor: `nodegraph serve` as a process of its own, with a data directory of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 180


@dataclass
class Editor:
    """The server of one data directory; `stop` and `start` it again to see what a restart does."""

    data_dir: Path
    port: int
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    command: str = "serve"
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        command = [
            sys.executable, "-m", "executor.cli.main", self.command, "--port", str(self.port),
            "--data-dir", str(self.data_dir), *self.options,
        ]  # fmt: skip
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, **self.environment}
            )
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self.process.poll() is None and time.monotonic() < until, self.log()
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the server; SIGKILL leaves it no time to tidy up."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(90)
            self.process = None

    def log(self) -> str:
        """What the server wrote."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def _log(self) -> Path:
        return self.data_dir.parent / f"{self.data_dir.name}.log"

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
        return False


@contextlib.contextmanager
def open_editor(
    data_dir: Path, *options: str, nodes_root: Path | None = None, command: str = "serve", **environment: str
) -> Iterator[Editor]:
    """An editor with the options of `nodegraph serve`; `nodes_root` gives it other node types.

    What its runs and services left behind is ended with it.
    """
    if nodes_root is not None:
        options = (*options, "--nodes-root", str(nodes_root))
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    editor = Editor(data_dir, free_port(), options, environment, command)
    try:
        editor.start()
        yield editor
    finally:
        editor.stop()
        end_everything_in(data_dir)


def free_port() -> int:
    """Any port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end_everything_in(directory: Path) -> None:
    """End the processes at work in a directory: attempts and services outlive the server."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, FileNotFoundError):
            if Path(process.cwd()).is_relative_to(directory):
                process.kill()
