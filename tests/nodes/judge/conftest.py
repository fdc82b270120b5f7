"""A judge service over real HTTP: it speaks the OpenAI protocol, and misbehaves when an answer says so."""

from __future__ import annotations

import html
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

DIMENSIONS = ["correctness", "completeness", "clarity"]


def verdict(score: Any, **changes: Any) -> str:
    """A reply in which every dimension has the same score."""
    return json.dumps({"rationale": "It is so.", "scores": dict.fromkeys(DIMENSIONS, score), **changes})


class JudgeServer(ThreadingHTTPServer):
    """Gives what the judged answer orders: `score N`, `reply TEXT`, or a fault by its name.

    `refuses` names response formats that it answers with 400; `obeys` makes it fall for injections.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.asked: Counter[str] = Counter()
        self.refuses: set[str] = set()
        self.obeys = False
        self.lock = threading.Lock()
        self.at_once = self.most_at_once = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    server: JudgeServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.bodies.append(body)
            self.server.keys.append(self.headers["Authorization"])
            self.server.at_once += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
        try:
            self.reply(body, answer_in(body))
        finally:
            with self.server.lock:
                self.server.at_once -= 1

    def reply(self, body: dict[str, Any], answer: str) -> None:
        form = body.get("response_format", {}).get("type", "none")
        if form in self.server.refuses:
            return self.send(400, {"error": {"message": f"response_format {form} is not supported"}})
        with self.server.lock:
            self.server.asked[answer] += 1
            times = self.server.asked[answer]
        fault, _, rest = answer.partition(" ")
        if fault == "busy" and times <= int(rest):
            return self.send(429, {"error": "slow down"}, {"Retry-After": "0.05"})
        if fault == "broken":
            return self.send(500, {"error": {"message": f"header was {self.headers['Authorization']}"}})
        if fault == "status":
            return self.send(int(rest), {"error": {"message": f"no: {self.headers['Authorization']}"}})
        if fault == "redirect":
            return self.send(307, {}, {"Location": f"{self.server.url}/chat/completions"})
        if fault == "hang":
            time.sleep(1.5)
            return None
        if fault == "drip":
            return self.drip()
        if fault == "garbage":
            return self.send(200, "<html>no json")
        if fault == "echo":
            said = self.headers["Authorization"].replace("-", "\\u002d")
            return self.complete(verdict(3).replace("It is so.", f"I saw {said}"))
        if fault == "slow":
            time.sleep(0.2)
        if fault == "reply":
            return self.complete(html.unescape(rest))
        if fault == "draw":
            return self.complete(verdict(1 + body["seed"] % 5))
        score = 5 if self.server.obeys and "5" in rest else int(rest) if fault in ("score", "slow") else 1
        return self.complete(verdict(score))

    def complete(self, content: str) -> None:
        usage = {"prompt_tokens": 100, "completion_tokens": 10}
        choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
        self.send(200, {"object": "chat.completion", "choices": [choice], "usage": usage})

    def send(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def drip(self) -> None:
        """Header after header, each in good time, without end."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(15):
            try:
                self.wfile.write(f"X-{number}: y\r\n".encode())
            except OSError:
                break
            time.sleep(0.1)
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass


def answer_in(body: dict[str, Any]) -> str:
    """What stands in the block of the answer."""
    text = body["messages"][-1]["content"]
    found = re.search(r"\[\[BEGIN answer (\w+)\]\]\n(.*?)\n\[\[END answer \1\]\]", text, re.DOTALL)
    assert found, text
    return found[2]


@pytest.fixture
def judge() -> Iterator[JudgeServer]:
    server = JudgeServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
