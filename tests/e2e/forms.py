"""A server with nothing but forms, tests/ui/forms/site.py, and what tests of forms need to talk to it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page, expect

from tests.e2e.editors import ROOT, free_port

FAST = 12  # milliseconds between keys

# Asks again and again, for a minute at most.
LISTEN = """async ([wanted, count]) => {
  const until = performance.now() + 60000;
  for (;;) {
    const last = (await (await fetch("/heard")).json()).slice(-count);
    if (JSON.stringify(last) === JSON.stringify(wanted) || performance.now() > until) return last;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}"""


class Forms:
    """The server of tests/ui/forms/site.py."""

    def __init__(self, data_dir: Path) -> None:
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        command = [sys.executable, "-m", "tests.ui.forms.site", str(port), str(data_dir)]
        self.log = data_dir.parent / "forms.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env=dict(os.environ))
        until = time.monotonic() + 180
        while True:
            try:
                self.heard()
                return
            except OSError:
                assert self.process.poll() is None and time.monotonic() < until, self.log.read_text()
                time.sleep(0.05)

    def open(self, page: Page, type_id: str, params: dict[str, Any] | None = None, **query: str) -> None:
        query = {**query, **({"params": json.dumps(params)} if params else {})}
        page.goto(f"{self.url}/form/{type_id}?{urlencode(query)}")
        page.locator("[data-param]").first.wait_for()
        page.wait_for_function("window.did_handshake")

    def heard(self) -> list[list[Any]]:
        with urllib.request.urlopen(f"{self.url}/heard", timeout=30) as answer:
            return json.loads(answer.read())

    def call(self, method: str, *args: Any) -> None:
        self.post("call", {"method": method, "args": args})

    def post(self, what: str, body: Any = None) -> Any:
        sent = urllib.request.Request(f"{self.url}/{what}", json.dumps(body).encode())
        with urllib.request.urlopen(sent, timeout=30) as answer:
            return json.loads(answer.read())

    def await_heard(self, page: Page, *expected: list[Any]) -> None:
        """Wait until the last things heard are these."""
        heard = page.evaluate(LISTEN, [list(expected), len(expected)])
        assert heard == list(expected), f"{self.heard()} does not end with {list(expected)}"


@contextlib.contextmanager
def open_forms(data_dir: Path) -> Iterator[Forms]:
    """The server with a data directory of its own."""
    opened = Forms(data_dir)
    try:
        yield opened
    finally:
        opened.process.terminate()
        opened.process.wait(90)


def field(page: Page, name: str) -> Locator:
    return page.locator(f'[data-param="{name}"]')


def unfold(page: Page) -> None:
    """Open every section."""
    folded = '.sect:not(.hidden) > .sect-head[aria-expanded="false"]'
    page.evaluate("folded => document.querySelectorAll(folded).forEach((head) => head.click())", folded)
    expect(page.locator(folded)).to_have_count(0)
