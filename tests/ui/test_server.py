"""The server as a process: it starts in one line or says in one line why not, and stays light."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "transformers", "datasets", "plotly", "pandas")


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found: int = free.getsockname()[1]
        return found


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "executor.cli.main", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )


def wait_for(server: subprocess.Popen[str], sentence: str) -> str:
    """The line that says it is up."""
    assert server.stderr is not None
    for line in server.stderr:
        if sentence in line:
            return line
    raise AssertionError(f"ended with {server.wait()}")


def stop(server: subprocess.Popen[str]) -> int:
    server.send_signal(signal.SIGTERM)
    return server.wait(60)


def test_serve_answers_and_ends_on_sigterm(tmp_path, port):
    server = start("serve", "--port", str(port), "--data-dir", str(tmp_path))
    try:
        assert f"http://127.0.0.1:{port}/" in wait_for(server, "NodeGraph is at")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=60) as answer:
            assert answer.status == 200
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
            page = answer.read().decode()
        head = urllib.request.Request(f"http://127.0.0.1:{port}/", method="HEAD")
        with urllib.request.urlopen(head, timeout=60) as answer:
            assert (answer.status, answer.read()) == (200, b"")
        assert "https://" not in page.replace("https://www.w3.org", ""), "every asset is local"
    finally:
        assert stop(server) in (0, -signal.SIGTERM)


def test_demo_has_the_example_ready(tmp_path, port):
    server = start("demo", "--port", str(port), "--data-dir", str(tmp_path), DISPLAY="", WAYLAND_DISPLAY="")
    try:
        assert f"http://127.0.0.1:{port}/pipelines/demo" in wait_for(server, "The example pipeline")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/pipelines/demo", timeout=60) as answer:
            assert answer.status == 200
    finally:
        stop(server)


def test_a_taken_port_is_one_clear_line(tmp_path, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        server = start("serve", "--port", str(port), "--data-dir", str(tmp_path))
        assert server.wait(60) == 2
    assert server.stderr is not None
    said = server.stderr.read().strip()
    (line,) = said.splitlines()
    assert f"Port {port} of 127.0.0.1 is taken" in line and f"--port {port + 1}" in line


def test_F10_a_second_server_on_the_same_data_is_refused(tmp_path, port):
    first = start("serve", "--port", str(port), "--data-dir", str(tmp_path))
    try:
        wait_for(first, "NodeGraph is at")
        second = start("serve", "--port", "0", "--data-dir", str(tmp_path))
        assert second.wait(60) == 2
        assert second.stderr is not None
        assert str(first.pid) in second.stderr.read()
    finally:
        stop(first)


def test_A35_others_are_let_in_with_a_password_only(tmp_path, port):
    server = start("serve", "--host", "0.0.0.0", "--port", str(port), "--data-dir", str(tmp_path))
    assert server.wait(60) == 2
    assert server.stderr is not None
    assert "needs a password" in server.stderr.read()


def test_the_server_starts_without_heavy_libraries(tmp_path):
    program = (
        "import sys; from executor.services.workspace import Workspace; from ui import server\n"
        "from ui.site import Site\n"
        f"with Workspace({str(tmp_path)!r}) as w:\n"
        "    w.registry; server.create_app(Site(w))\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr
