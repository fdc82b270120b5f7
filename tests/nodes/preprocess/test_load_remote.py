"""Data from elsewhere: web addresses with limits, hub datasets with and without a hub."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nodegraph.registry import DEFAULT_ROOT
from tests.nodes.preprocess.conftest import Load
from tests.nodes.preprocess.hub import QUESTIONS, Hub

ROWS = "".join(json.dumps({"question": f"Q{number}", "answer": "A"}) + "\n" for number in range(5)).encode()


class Site(BaseHTTPRequestHandler):
    """A web server that answers well at one address, and badly at others."""

    tries = 0

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/moved":
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd" if "evil" in self.path else "/qa.jsonl")
            self.end_headers()
        elif path == "/qa.jsonl":
            self.answer(200, ROWS)
        elif path == "/page.jsonl":
            self.answer(200, b"<html>", "text/html")
        elif path == "/flaky.jsonl":
            Site.tries += 1
            self.answer(200 if Site.tries > 1 else 503, ROWS)
        elif path == "/cut.jsonl":
            self.answer(200, ROWS, length=len(ROWS) + 100)
        else:
            self.answer(404, b"nothing")

    def answer(
        self, code: int, body: bytes, kind: str = "application/json", length: int | None = None
    ) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length or len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    yield from serving(Site)


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    yield from serving(Hub)


def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_web_address_is_downloaded(load: Load, site: str) -> None:
    found = load(f"{site}/qa.jsonl?token=hush")
    assert len(found.rows) == 5
    assert found.card["source"] == {"kind": "url", "name": f"{site}/qa.jsonl"}
    assert "hush" not in json.dumps(found.card) + json.dumps(found.report)
    assert len(load(f"{site}/moved", format="jsonl").rows) == 5


def test_a_busy_server_is_asked_again(load: Load, site: str) -> None:
    assert len(load(f"{site}/flaky.jsonl").rows) == 5 and Site.tries == 2


@pytest.mark.parametrize(
    ("path", "category", "words"),
    [
        ("/nothing.jsonl", "input", "HTTP 404"),
        ("/page.jsonl", "input", "a web page, not data"),
        ("/moved?evil", "input", "leads to an address that is not read"),
        ("/cut.jsonl", "infrastructure", "cannot be downloaded"),
    ],
)
def test_bad_answers(refused, site: str, path: str, category: str, words: str) -> None:
    failure = refused(site + path, format="jsonl")
    assert failure.category == category and words in failure.message


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://host/a.csv", "gopher://host/a", "s3://bucket/a"]
)
def test_a44_other_schemes_are_refused(refused, address: str) -> None:
    assert "are not read" in refused(address).message


def test_link_local_addresses_are_refused(refused) -> None:
    from nodegraph import NodeFailure
    from nodes.preprocess._load.download import _refuse_link_local

    with pytest.raises(NodeFailure, match="link-local"):
        _refuse_link_local("http://169.254.169.254/latest/meta-data")


HUB_SCRIPT = """
import json, sys
from pathlib import Path
from nodegraph import NodeFailure
from tests.support import run_node
try:
    result = run_node("preprocess.load", Path(sys.argv[1]), **json.loads(sys.argv[2]))
    report = json.loads((result.outputs["report"] / "report.json").read_text())
    print("RESULT" + json.dumps({"rows": result.rows(), "notes": report["files"][0]["notes"]}))
except NodeFailure as failure:
    said = {"category": failure.category, "message": failure.message, "hint": failure.hint}
    print("RESULT" + json.dumps(said))
"""


def from_hub(tmp_path: Path, environment: dict[str, str], **params: object) -> dict:
    """Load in a process of its own: the hub libraries read their settings when they are imported."""
    import os

    kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    done = subprocess.run(
        [sys.executable, "-c", HUB_SCRIPT, str(tmp_path), json.dumps(params)],
        env={**kept, "HF_HOME": str(tmp_path / "hf"), **environment}, cwd=DEFAULT_ROOT.parent,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    assert lines, done.stderr
    return json.loads(lines[0].removeprefix("RESULT"))


def test_a_hub_that_cannot_be_reached_is_one_clear_failure(tmp_path: Path) -> None:
    failure = from_hub(tmp_path, {"HF_ENDPOINT": "http://127.0.0.1:9"}, source="squad/plain")
    assert failure["category"] == "infrastructure"
    assert "http://127.0.0.1:9 cannot be reached" in failure["message"]
    assert all(word in failure["hint"] for word in ("HF_ENDPOINT", "HF_HUB_OFFLINE", "--local-dir", "folder"))


def test_offline_mode_asks_nobody(tmp_path: Path, site: str) -> None:
    failure = from_hub(tmp_path, {"HF_ENDPOINT": site, "HF_HUB_OFFLINE": "1"}, source="squad")
    assert failure["category"] == "input" and "HF_HUB_OFFLINE is set" in failure["message"]


def test_an_unknown_dataset_is_named(tmp_path: Path, site: str) -> None:
    failure = from_hub(tmp_path, {"HF_ENDPOINT": site}, source="someone/nothing")
    assert failure["category"] == "input" and f"no dataset of that name on {site}" in failure["message"]


EXPECTED = [{"prompt": row["question"], "completion": row["answer"]} for row in QUESTIONS]


def test_a_hub_dataset_is_read_and_stays_readable_without_the_hub(tmp_path: Path, hub: str) -> None:
    """HF_ENDPOINT names the hub; what was read once is in the cache, for offline mode and for outages."""
    here = {"HF_ENDPOINT": hub}
    assert from_hub(tmp_path, here, source="me/tiny")["rows"] == EXPECTED
    assert from_hub(tmp_path, {**here, "HF_HUB_OFFLINE": "1"}, source="me/tiny")["rows"] == EXPECTED
    outage = from_hub(tmp_path, {"HF_ENDPOINT": "http://127.0.0.1:9"}, source="me/tiny")
    assert outage["rows"] == EXPECTED and "read from the local cache" in outage["notes"][0]


def test_parts_of_a_hub_dataset(tmp_path: Path, hub: str) -> None:
    here = {"HF_ENDPOINT": hub}
    assert from_hub(tmp_path, here, source="me/tiny", limit=2)["rows"] == EXPECTED[:2]
    assert from_hub(tmp_path, here, source="me/tiny", split="test")["rows"] == EXPECTED[:1]
    failure = from_hub(tmp_path, here, source="me/tiny", split="nope")
    assert "Should be one of ['train', 'test']" in failure["message"]


def test_a53_a_loading_script_is_never_executed(tmp_path: Path, hub: str) -> None:
    failure = from_hub(tmp_path, {"HF_ENDPOINT": hub}, source="me/scripted")
    assert failure["category"] == "input" and "never executed" in failure["message"]
    assert "refs/convert/parquet" in failure["hint"]
    assert not (tmp_path / "hf" / "executed").exists()
