"""A small hub: the part of the Hugging Face hub's protocol that reading a dataset needs."""

from __future__ import annotations

import hashlib
import json
import re
from http.server import BaseHTTPRequestHandler

COMMIT = "a" * 40
QUESTIONS = [{"question": f"Q{number}", "answer": "A"} for number in range(5)]
LINES = [json.dumps(row) + "\n" for row in QUESTIONS]
TINY = {
    "data/train.jsonl": "".join(LINES).encode(),
    "data/test.jsonl": LINES[0].encode(),
    "README.md": b"# Tiny\n",
}
SCRIPTED = {
    "scripted.py": b"import os, pathlib; pathlib.Path(os.environ['HF_HOME'], 'executed').touch()",
    "README.md": b"",
}
DATASETS = {"me/tiny": TINY, "me/scripted": SCRIPTED}


class Hub(BaseHTTPRequestHandler):
    """Serves DATASETS, each at one commit."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if found := re.match(r"/api/datasets/(\w+/\w+)(/revision/[^/]+)?$", path):
            self.info(found[1])
        elif found := re.match(r"/api/datasets/(\w+/\w+)/tree/[^/]+/?(.*)$", path):
            self.tree(DATASETS[found[1]], found[2])
        elif found := re.match(r"/datasets/(\w+/\w+)/resolve/[^/]+/(.*)$", path):
            self.content(DATASETS[found[1]].get(found[2]))
        else:
            self.content(None)

    def do_HEAD(self) -> None:
        self.do_GET()

    def info(self, name: str) -> None:
        if name not in DATASETS:
            return self.content(None)
        files = [{"rfilename": path} for path in DATASETS[name]]
        return self.json(
            {"_id": "1", "id": name, "sha": COMMIT, "private": False, "tags": [], "siblings": files}
        )

    def tree(self, files: dict[str, bytes], folder: str) -> None:
        found = []
        for path, content in files.items():
            inside = path.removeprefix(f"{folder}/") if folder else path
            if folder and inside == path:
                continue
            kind, shown = ("directory", path.split("/")[0]) if "/" in inside else ("file", path)
            found.append({"type": kind, "path": shown, "size": len(content), "oid": digest(content)})
        self.json(found)

    def json(self, value: object) -> None:
        self.content(json.dumps(value).encode())

    def content(self, body: bytes | None) -> None:
        self.send_response(404 if body is None else 200)
        if body is None:
            self.send_header("X-Error-Code", "EntryNotFound")
        else:
            self.send_header("ETag", f'"{digest(body)}"')
            self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        if body and self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def digest(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
