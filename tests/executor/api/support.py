"""A server with the REST interface behind the guards, with toy node types and an engine at work."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from executor.api.app import create_api
from tests.executor.support import until, workspace
from ui.login import Login
from ui.security import Guard

V1 = "/api/v1"
FINAL = ("succeeded", "failed", "cancelled")


class Server:
    """`client` speaks to it over real HTTP."""

    def __init__(self, folder: Path, *, password: str | None = None, engine: bool = True) -> None:
        self.workspace = workspace(folder, engine=engine)
        self.app: FastAPI
        self.app, served = create_api(self.workspace)
        inner = Login(served, password=password) if password else served
        self._sock = socket.socket()
        self._sock.bind(("127.0.0.1", 0))
        self._sock.listen(128)
        self.port = self._sock.getsockname()[1]
        config = uvicorn.Config(
            Guard(inner, host="127.0.0.1"), log_level="warning", lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._sock],))
        self._thread.start()
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60)

    def stop(self) -> None:
        self.client.close()
        self._server.should_exit = True
        self._thread.join()
        self.workspace.close()

    def get(self, path: str, status: int = 200, **options: Any) -> Any:
        """What is answered to a GET under /api/v1."""
        return answered(self.client.get(f"{V1}{path}", **options), status)

    def post(self, path: str, body: Any = None, status: int = 201, **options: Any) -> Any:
        """What is answered to a POST under /api/v1."""
        return answered(self.client.post(f"{V1}{path}", json=body, **options), status)

    def start(self, text: str, **options: Any) -> int:
        """A run of a text, just started."""
        return int(self.post("/runs", {"text": text, **options})["id"])

    def ended(self, run: int) -> dict[str, Any]:
        """A run once it has ended."""
        until(lambda: self.get(f"/runs/{run}")["status"] in FINAL, 60)
        found: dict[str, Any] = self.get(f"/runs/{run}")
        return found


def answered(answer: httpx.Response, status: int) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def error_of(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The error in an answer; it has the one shape, and no traceback."""
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == code and error["message"]
    assert {"code", "message", "hint"} <= set(error) <= {"code", "message", "hint", "problems"}
    assert "Traceback" not in answer.text
    return error
