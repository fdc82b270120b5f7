"""Artifacts over HTTP: listed, looked into, downloaded; nothing outside of them can be named."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from tests.executor.api.support import V1, Server, error_of
from tests.executor.support import pipeline


@pytest.fixture(scope="module")
def made(server: Server) -> dict[str, Any]:
    """A run that has made a dataset and metrics."""
    return server.ended(server.start(pipeline("a: {type: custom.learn, params: {steps: 1}}")))


@pytest.fixture(scope="module")
def digest(made: dict[str, Any]) -> str:
    found: str = made["nodes"]["a"]["outputs"]["dataset"]["digest"]
    return found


def test_artifacts_are_listed_by_run_and_kind(server, made, digest):
    listed = server.get("/artifacts", params={"run": made["id"]})["artifacts"]
    assert {one["kind"] for one in listed} == {"dataset", "metrics"}
    (dataset,) = server.get("/artifacts", params={"run": made["id"], "kind": "dataset"})["artifacts"]
    assert (dataset["digest"], dataset["node"], dataset["port"]) == (digest, "a", "dataset")
    again = server.ended(server.start(pipeline("a: {type: custom.learn, params: {steps: 1}}")))
    assert again["nodes"]["a"]["cached"]
    cached = server.get("/artifacts", params={"run": again["id"]})["artifacts"]
    assert sorted(one["digest"] for one in cached) == sorted(one["digest"] for one in listed)
    error_of(server.client.get(f"{V1}/artifacts?run=99999"), 404, "not-found")


def test_a_file_is_saved_and_never_shown(server, digest):
    info = server.get(f"/artifacts/{digest}")
    (file,) = info["content"]
    answer = server.client.get(f"{V1}/artifacts/{digest}/files/{file['path']}")
    assert answer.headers["content-disposition"] == 'attachment; filename="data.jsonl"'
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(answer.content) == file["bytes"] == info["bytes"]
    assert json.loads(answer.content.splitlines()[0])["completion"] == "<b>answer</b>"


def test_an_artifact_comes_as_a_zip_file(server, digest):
    answer = server.client.get(f"{V1}/artifacts/{digest}/download")
    assert answer.headers["content-disposition"] == f'attachment; filename="{digest[:12]}.zip"'
    assert "content-length" not in answer.headers, "it is made while it is sent"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None and archive.namelist() == ["data.jsonl"]


@pytest.mark.parametrize(
    "path",
    ["../a", "..%2fa", "%2e%2e%2fa", "%2e%2e/%2e%2e/nodegraph.db", "/etc/passwd", "%2fetc%2fpasswd", "..%5ca",
     "data.jsonl%00", "data.jsonl/", "%252e%252e/a", "C:%5cx", "", "%ff", "x" * 3000],
)  # fmt: skip
def test_A16_paths_out_of_an_artifact_are_refused(server, digest, path):
    answer = server.client.get(f"{V1}/artifacts/{digest}/files/{path}")
    assert answer.status_code in (404, 422), answer.text
    error_of(answer, answer.status_code, "not-found")


def test_A57_absurd_ranges_of_a_file_are_cheap(server, digest):
    url = f"{V1}/artifacts/{digest}/files/data.jsonl"
    assert server.client.get(url, headers={"range": "bytes=0-9"}).status_code == 206
    for header in (
        "bytes=" + ",".join(f"{n}-" for n in range(5000)),
        "bytes=9-1",
        "bytes=" + "9" * 5000 + "-",
    ):
        answer = server.client.get(url, headers={"range": header})
        assert answer.status_code in (200, 206, 400, 416)
        assert len(answer.content) < 100_000


def test_an_artifact_whose_files_are_gone_is_damaged_not_a_mistake_of_the_server(server, tmp_path):
    run = server.ended(server.start(pipeline("a: {type: custom.make, params: {text: lost}}")))
    output = run["nodes"]["a"]["outputs"]["text"]
    moved = tmp_path / "moved"
    folder = server.workspace.store.path(output["digest"])
    folder.chmod(0o755)
    folder.rename(moved)
    for path in ("", "/files/text.txt", "/download"):
        answer = server.client.get(f"{V1}/artifacts/{output['digest']}{path}")
        assert error_of(answer, 410, "damaged")["hint"]
