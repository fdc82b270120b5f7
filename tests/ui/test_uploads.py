"""The upload route over real HTTP: files become versions of datasets, and what is no upload is refused."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from executor.services.workspace import Workspace
from ui import uploads
from ui.security import Guard
from ui.site import Options, Site

ROWS = b'{"text": "hello"}\n' * 1000
LIMIT_GB = 0.002
SENT = {"x-nodegraph": "1", "content-type": "application/octet-stream"}


class Server:
    """A server with the upload route behind the guard, and its data directory."""

    def __init__(self, data_dir: Path) -> None:
        self.workspace = Workspace(data_dir)
        app = FastAPI()
        uploads.register(app, Site(self.workspace, Options(max_upload_gb=LIMIT_GB)))
        self._sock = socket.socket()
        self._sock.bind(("127.0.0.1", 0))
        self._sock.listen()
        self.port = self._sock.getsockname()[1]
        self._server = uvicorn.Server(uvicorn.Config(Guard(app, host="127.0.0.1"), log_level="warning"))
        self._thread = threading.Thread(target=self._server.run, args=([self._sock],))
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self.workspace.close()

    def send(self, body=ROWS, headers=SENT, **query: str) -> httpx.Response:
        query = {"name": "tickets", "original": "tickets.jsonl", **query}
        url = f"http://127.0.0.1:{self.port}{uploads.PATH}"
        return httpx.post(url, params=query, content=body, headers=headers, timeout=30)

    def files(self) -> list[Path]:
        return list(self.workspace.data_dir.datasets.iterdir())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path / "data")
    yield made
    made.stop()


def test_a_file_becomes_a_version_of_a_dataset(server):
    answer = server.send()
    assert answer.status_code == 201, answer.text
    assert answer.json()["source"] == "dataset:tickets@1"
    assert answer.json()["digest"] == hashlib.sha256(ROWS).hexdigest()
    view = server.workspace.datasets.get("tickets")
    assert view.path.read_bytes() == ROWS and view.original == "tickets.jsonl"


def test_a_body_of_unknown_length_is_taken(server):
    assert server.send(iter([ROWS, ROWS])).json()["bytes"] == 2 * len(ROWS)


def test_chinese_names_are_kept(server):
    assert server.send(name="客服工单", original="客服 工单.jsonl").json()["source"] == "dataset:客服工单@1"


@pytest.mark.parametrize(
    "original",
    [
        "../../../etc/cron.d/x",
        "/etc/passwd",
        "..%2f..%2fx.jsonl",
        "..\\..\\x.jsonl",
        "a\0b.jsonl",
        "x" * 5000,
    ],
)
def test_A16_names_of_files_are_the_servers(server, original):
    assert server.send(original=original).status_code == 201
    (file,) = server.files()
    assert file.parent == server.workspace.data_dir.datasets and file.stem.isalnum()


@pytest.mark.parametrize("name", ["../x", "a/b", "..", "", "a\\b", "x" * 101, "a\0b"])
def test_A16_a_dataset_is_no_path(server, name):
    answer = server.send(name=name)
    assert answer.status_code == 422 and answer.json()["hint"]
    assert server.files() == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("application/json", b'{"path": "/etc/passwd"}'), ("multipart/form-data; boundary=x", b"--x--"),
     ("application/x-www-form-urlencoded", b"path=/etc/passwd"), ("text/plain", b"/etc/passwd")],
)  # fmt: skip
def test_A22_a_body_that_names_a_path_is_no_upload(server, content_type, body):
    answer = server.send(body, {"x-nodegraph": "1", "content-type": content_type})
    assert answer.status_code == 422 and "application/octet-stream" in answer.json()["message"]
    assert server.files() == []


def test_A23_an_announced_size_beyond_the_limit_is_refused_unread(server):
    answer = server.send(b"x" * 3_000_000)
    assert answer.status_code == 413
    assert answer.json() == {
        "message": "The file is larger than 0.002 GB.",
        "hint": "Name its path as the source instead, or split it.",
    }
    assert server.files() == []


def test_A15_a_body_that_says_no_size_is_cut_off_at_the_limit(server):
    answer = server.send(iter([b"x" * 500_000] * 20))
    assert answer.status_code == 413
    assert server.files() == [] and server.workspace.datasets.list() == []


def test_other_sites_and_forms_upload_nothing(server):
    assert server.send(headers={**SENT, "origin": "https://evil.example"}).status_code == 403
    assert server.send(headers={"content-type": "application/octet-stream"}).status_code == 403
    assert server.files() == []


def test_an_empty_file_is_refused(server):
    assert server.send(b"").json()["message"] == "The file is empty."


@pytest.mark.parametrize("chunked", [False, True])
def test_F37_a_cut_upload_leaves_nothing(server, chunked):
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(ROWS)}"
    head = (
        f"POST {uploads.PATH}?name=cut&original=cut.jsonl HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        f"X-NodeGraph: 1\r\nContent-Type: application/octet-stream\r\n{length}\r\n\r\n"
    )
    half = ROWS[: len(ROWS) // 2]
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(head.encode())
        connection.sendall(f"{len(half):x}\r\n".encode() + half + b"\r\n" if chunked else half)
        _wait(lambda: len(server.files()) == 1)  # the temporary file is there, so half of it has arrived
    _wait(lambda: server.files() == [])
    assert server.workspace.datasets.list() == []
    assert server.send(name="cut").json()["version"] == 1


def test_F38_ten_uploads_of_one_name_at_once_are_ten_versions(server):
    bodies = [b"%d\n" % number * 20_000 for number in range(10)]

    async def send_all() -> list[httpx.Response]:
        async with httpx.AsyncClient(headers=SENT, timeout=60) as client:
            url = f"http://127.0.0.1:{server.port}{uploads.PATH}?name=same&original=same.txt"
            return await asyncio.gather(*(client.post(url, content=body) for body in bodies))

    answers = asyncio.run(send_all())
    assert sorted(answer.json()["version"] for answer in answers) == list(range(1, 11))
    for body, answer in zip(bodies, answers, strict=True):
        view = server.workspace.datasets.get("same", answer.json()["version"])
        assert view.path.read_bytes() == body
        assert view.digest == answer.json()["digest"] == hashlib.sha256(body).hexdigest()


def _wait(holds, seconds: float = 20) -> None:
    waiting = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if holds():
            return
        waiting.wait(0.02)
    raise AssertionError("it did not come about")
