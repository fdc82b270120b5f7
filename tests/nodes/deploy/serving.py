"""Starts the server of a deploy.service node as a process, as the executor does."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import openai

from tests.support import run_node

ROOT = Path(__file__).resolve().parents[3]
KEY = "canary-of-the-key"


@dataclass
class Running:
    """A server that answers."""

    url: str
    process: subprocess.Popen[bytes]
    directory: Path
    # One for all: each new one reads the certificates of all authorities, which takes long when it polls.
    http: httpx.Client

    def client(self, key: str = KEY) -> openai.OpenAI:
        return openai.OpenAI(base_url=f"{self.url}/v1", api_key=key, max_retries=0, timeout=60)

    def health(self) -> dict[str, Any]:
        found: dict[str, Any] = self.http.get("/health").json()
        return found

    def log(self) -> str:
        return (self.directory / "log").read_text(errors="replace")


@contextlib.contextmanager
def serving(model: Path, directory: Path, **params: Any) -> Iterator[Running]:
    """The service that deploy.service describes with these parameters."""
    secrets = {"SERVICE_KEY": KEY} if "api_key" in params else {}
    result = run_node("deploy.service", directory, {"model": model}, secrets=secrets, **params)
    service = result.outputs["service"] / "service.json"
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "nodes.deploy._server", str(service)],
            stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=directory,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
    assert process.stdin is not None
    with process.stdin:
        process.stdin.write(f"{KEY if secrets else ''}\n".encode())
    url = json.loads(service.read_text())["base_url"].removesuffix("/v1")
    with httpx.Client(base_url=url, verify=False) as http:
        running = Running(url, process, directory, http)
        try:
            _wait(running)
            yield running
        finally:
            process.kill()
            process.wait()


def _wait(running: Running, seconds: float = 300) -> None:
    until = time.monotonic() + seconds
    while True:
        with contextlib.suppress(httpx.TransportError):
            running.health()
            return
        assert time.monotonic() < until and running.process.poll() is None, running.log()
        time.sleep(0.1)
