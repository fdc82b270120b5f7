"""Engines that die, hang, or come late. Each test has an engine of its own, so that it may kill it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from executor.database.tables import Attempt
from executor.launchers.docker.engine import DockerEngine
from tests.executor.docker.support import SMALL, logged, real, shell, submit
from tests.executor.docker.support import engine as usual
from tests.executor.support import pipeline, until

needs_dockerd = pytest.mark.skipif(
    os.getuid() != 0 or not (shutil.which("dockerd") and shutil.which("ip")),
    reason="an engine of its own needs root and dockerd",
)
pytestmark = pytest.mark.docker


_BRIDGE, _NETWORK = "ngtest", "172.30.251.0/24"


class OwnEngine:
    """A Docker engine that a test may kill; its bridge is its own too, so that the usual engine keeps its."""

    def __init__(self, root: Path) -> None:
        # With `--bridge none` it would remove the bridge of the usual engine.
        ip("link", "add", _BRIDGE, "type", "bridge")
        ip("addr", "add", _NETWORK.replace(".0/", ".1/"), "dev", _BRIDGE)
        ip("link", "set", _BRIDGE, "up")
        self.address = f"unix://{root}/socket"
        self._root = root
        self.process: subprocess.Popen[bytes] | None = None
        self.up()

    def up(self, *flags: str) -> None:
        command = [
            "dockerd", "--data-root", self._root / "data", "--exec-root", self._root / "exec",
            "--pidfile", self._root / "pid", "-H", self.address, "--iptables=false",
            "--bridge", _BRIDGE, "--fixed-cidr", _NETWORK, *flags,
        ]  # fmt: skip
        until(lambda: self._supervised(command) and self.answers(), 120)

    def _supervised(self, command: list[Any]) -> bool:
        """Start it, again where it has given up, as an init system does.

        After a kill it may take its dying containerd for a living one, and give up waiting for that.
        """
        if self.process is None or self.process.poll() is not None:
            with (self._root / "log").open("ab") as log:
                self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        return True

    def answers(self) -> bool:
        try:
            return bool(DockerEngine(self.address).info())
        except Exception:
            return False

    def down(self, number: signal.Signals = signal.SIGTERM) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait()

    def end(self) -> None:
        """Remove its containers, then itself with all it has."""
        self.up()
        with DockerEngine(self.address).asked() as client:
            for container in client.containers(all=True):
                client.remove_container(container["Id"], force=True)
        self.down()
        ip("link", "del", _BRIDGE)


def ip(*words: str) -> None:
    """Change the machine's networks; what is there already is no trouble."""
    subprocess.run(["ip", *words], capture_output=True)


@pytest.fixture(scope="module")
def short() -> Iterator[Path]:
    """A folder with a short name: sockets' names may not be long."""
    folder = Path(tempfile.mkdtemp(prefix="ng-", dir="/var/tmp"))
    yield folder
    # An engine binds its folder to itself, and leaves that when it is killed.
    subprocess.run(["umount", "--lazy", folder / "data"], capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def started(short: Path) -> Iterator[OwnEngine]:
    made = OwnEngine(short)
    with usual().client(120) as client, DockerEngine(made.address).client(120) as other:
        other.load_image(client.get_image(SMALL))
    yield made
    made.end()


@pytest.fixture
def own(started: OwnEngine, monkeypatch: pytest.MonkeyPatch) -> OwnEngine:
    monkeypatch.setenv("DOCKER_HOST", started.address)
    return started


COUNT = "i=0; while [ $i -lt 40 ]; do echo line $i; i=$((i + 1)); sleep 0.1; done"
OTHER = pipeline("a: {type: preprocess.load, params: {source: 'example:short_stories.txt'}}")
WRITE = "echo done >$NODEGRAPH_OUTPUT_TEXT/t"


@needs_dockerd
def test_f15_an_engine_killed_with_live_restore_loses_nothing(tmp_path: Path, own: OwnEngine) -> None:
    own.down()
    own.up("--live-restore")
    with real(tmp_path) as space:
        submit(space, shell(f"echo waiting; {COUNT}; {WRITE}"))
        log = logged(tmp_path, "line 3")
        own.down(signal.SIGKILL)
        logged(tmp_path, "line 20")
        own.up("--live-restore")
        view = space.runs.wait(1, 60)
    assert (view.state, view.nodes["a"].attempts) == ("succeeded", 1)
    assert log.read_text() == "waiting\n" + "".join(f"line {i}\n" for i in range(40))


@needs_dockerd
def test_f16_f17_an_engine_that_stops_costs_no_retry_and_nodes_wait_for_it(
    tmp_path: Path, own: OwnEngine
) -> None:
    """Without live-restore its containers are killed. While it is down, nodes are queued and say why."""
    own.down()
    own.up()
    once = "[ -e $NODEGRAPH_RESUME/x ] || { : >$NODEGRAPH_RESUME/x; sleep 60; }"
    script = f"echo waiting; {once} && {WRITE}"
    with real(tmp_path) as space:
        number = submit(space, shell(script, retry={"attempts": 1, "delay": "1s"}))
        logged(tmp_path, "waiting")
        own.down()
        queued = submit(space, shell(f"echo second; {WRITE}"))
        node = until(lambda: _held(space.runs.get(queued).nodes["a"]), 20)
        assert "Docker engine" in node.reason and str(own.address) in node.reason
        own.up()
        assert space.runs.wait(queued, 60).state == "succeeded"
        view = space.runs.wait(number, 60)
        assert (view.state, view.nodes["a"].attempts) == ("succeeded", 2)
        with space.database.read() as session:
            first = session.get(Attempt, (number, "a", 1))
            assert first is not None and not first.spent
            assert first.error["category"] == "infrastructure"


def _held(node):
    return node if node.state == "queued" and "does not answer" in node.reason else None


def test_f18_an_engine_that_never_answers_holds_up_nobody(
    tmp_path: Path, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as deaf:
        deaf.bind(str(short / "deaf"))
        deaf.listen(100)
        monkeypatch.setenv("DOCKER_HOST", f"unix://{short}/deaf")
        with real(tmp_path) as space:
            number = submit(space, shell("true"))
            node = until(lambda: _held(space.runs.get(number).nodes["a"]), 15)
            assert "no word for 10 s" in node.reason
            began = time.monotonic()
            other = space.runs.submit(OTHER)
            assert space.runs.wait(other, 60).state == "succeeded"
            space.runs.cancel(number)
            assert space.runs.wait(number, 15).state == "cancelled"
            assert time.monotonic() - began < 60


def test_an_engine_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing")
    with real(tmp_path) as space:
        number = submit(space, shell("true"))
        node = until(lambda: _held(space.runs.get(number).nodes["a"]), 10)
        assert "there is no such socket" in node.reason


def test_a49_an_engine_without_a_socket_of_this_machine_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:2375")
    with real(tmp_path) as space:
        number = submit(space, shell("true"))
        node = until(lambda: _waiting(space.runs.get(number).nodes["a"]), 10)
        assert "shares no files" in node.reason


def _waiting(node):
    return node if "shares no files" in node.reason else None
