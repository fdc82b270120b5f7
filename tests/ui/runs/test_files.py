"""Downloads: attachments of harmless type, found by digest, refused where damaged."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from executor.services.views import RunView
from executor.services.workspace import Workspace
from tests.executor.support import pipeline, run, workspace
from ui.pages import files
from ui.site import Site


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with workspace(tmp_path_factory.mktemp("files")) as space:
        yield space


@pytest.fixture(scope="module")
def done(space: Workspace) -> RunView:
    return run(space, pipeline("a: {type: custom.make, params: {text: '<script>'}}"))


@pytest.fixture
def client(space: Workspace) -> TestClient:
    app = FastAPI()
    files.register(app, Site(space))
    return TestClient(app)


def test_everything_is_an_attachment_of_bytes(client: TestClient, done: RunView) -> None:
    digest = done.nodes["a"].outputs["text"].digest
    addresses = [
        f"/files/{digest}.zip", f"/files/{digest}/text.txt",
        f"/files/runs/{done.id}.yaml", f"/files/runs/{done.id}/a/1.log",
    ]  # fmt: skip
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["x-content-type-options"] == "nosniff"
    with zipfile.ZipFile(io.BytesIO(client.get(addresses[0]).content)) as archive:
        assert archive.read("text.txt") == b"<script>"
    assert client.get(addresses[1]).content == b"<script>"
    assert b"custom.make" in client.get(addresses[2]).content
    assert client.get(addresses[3]).content == b"made <script>\n"


def test_a_part_of_a_file_can_be_asked_for(client: TestClient, done: RunView) -> None:
    digest = done.nodes["a"].outputs["text"].digest
    answer = client.get(f"/files/{digest}/text.txt", headers={"range": "bytes=1-3"})
    assert (answer.status_code, answer.content) == (206, b"scr")


@pytest.mark.parametrize(
    "address",
    [
        "/files/DIGEST/../../nodegraph.db", "/files/DIGEST/%2e%2e/%2e%2e/nodegraph.db",
        "/files/DIGEST//etc/passwd", "/files/DIGEST/none.txt", "/files/DIG.zip", "/files/DIG/text.txt",
        "/files/%.zip", f"/files/{'0' * 64}.zip", "/files/runs/99.yaml", f"/files/runs/{'9' * 40}.yaml",
        "/files/runs/x.yaml", "/files/runs/1/a/9.log", "/files/runs/1/b/1.log",
        "/files/runs/1/..%2f..%2fa/1.log",
    ],
)  # fmt: skip
def test_nothing_else_can_be_reached(client: TestClient, done: RunView, address: str) -> None:
    digest = done.nodes["a"].outputs["text"].digest
    answer = client.get(address.replace("DIGEST", digest).replace("DIG", digest[:8]))
    assert answer.status_code in (404, 422)
    assert "SQLite" not in answer.text and "root:" not in answer.text


def test_a_damaged_artifact_is_refused(client: TestClient, space: Workspace, tmp_path: Path) -> None:
    view = run(space, pipeline("a: {type: custom.make, params: {text: other}}"))
    digest = view.nodes["a"].outputs["text"].digest
    path = Path(view.nodes["a"].outputs["text"].path) / "text.txt"
    path.chmod(0o644)
    path.write_text("OTHER")
    for address in (f"/files/{digest}.zip", f"/files/{digest}/text.txt"):
        answer = client.get(address)
        assert answer.status_code == 409 and "does not match its checksum" in answer.text
