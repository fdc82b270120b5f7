"""Engines that die, hang, or come late. Each test has an engine of its own, so that it may kill it."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from executor.cli.summary import print_run
from executor.database.tables import Attempt
from tests.executor.docker.own_engine import OwnEngine, needs_dockerd, short_folder
from tests.executor.docker.support import WRITE, logged, real, shell, submit
from tests.executor.support import pipeline, until

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def short() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder


@pytest.fixture
def own(far: OwnEngine, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnEngine]:
    """The engine that stands for another host elsewhere: here it is this machine's, by its socket."""
    monkeypatch.setenv("DOCKER_HOST", far.address)
    yield far
    far.up()


COUNT = "i=0; while [ $i -lt 40 ]; do echo line $i; i=$((i + 1)); sleep 0.1; done"
OTHER = pipeline("a: {type: preprocess.load, params: {source: 'example:short_stories.txt'}}")


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
        view = space.runs.wait(1, 120)
    assert (view.state, view.nodes["a"].attempts) == ("succeeded", 1)
    assert log.read_text() == "waiting\n" + "".join(f"line {i}\n" for i in range(40))


@needs_dockerd
def test_f16_f17_an_engine_that_stops_costs_no_retry_and_nodes_wait_for_it(
    tmp_path: Path, own: OwnEngine
) -> None:
    """Without live-restore its containers are killed. While it is down, nodes are queued and say why."""
    own.down()
    own.up()
    once = "[ -e $NODEGRAPH_RESUME/x ] || { : >$NODEGRAPH_RESUME/x; sleep 600; }"
    script = f"echo waiting; {once} && {WRITE}"
    with real(tmp_path) as space:
        number = submit(space, shell(script, retry={"attempts": 1, "delay": "1s"}))
        logged(tmp_path, "waiting")
        own.down()
        queued = submit(space, shell(f"echo second; {WRITE}"))
        node = until(lambda: _held(space.runs.get(queued).nodes["a"]))
        assert "Docker engine" in node.reason and str(own.address) in node.reason
        assert "Start it, or set DOCKER_HOST" in node.reason, "what to do next"
        assert node.error["category"] == "infrastructure"
        own.up()
        ended = space.runs.wait(queued, 120)
        assert (ended.state, ended.nodes["a"].error) == ("succeeded", None)
        view = space.runs.wait(number, 120)
        # One that starts while the engine is about to end is killed too.
        attempts = view.nodes["a"].attempts
        assert view.state == "succeeded" and attempts >= 2
        with space.database.read() as session:
            for attempt in range(1, attempts):
                killed = session.get(Attempt, (number, "a", attempt))
                assert killed is not None and not killed.spent
                assert killed.error["category"] == "infrastructure"


def _held(node):
    return node if node.state == "queued" and "does not answer" in node.reason else None


def test_f18_an_engine_that_never_answers_holds_up_nobody(
    tmp_path: Path, short: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as deaf:
        deaf.bind(str(short / "deaf"))
        deaf.listen(100)
        monkeypatch.setenv("DOCKER_HOST", f"unix://{short}/deaf")
        with real(tmp_path) as space:
            number = submit(space, shell("true"))
            node = until(lambda: _held(space.runs.get(number).nodes["a"]))
            assert "no word for 10 s" in node.reason
            print_run(space.runs.get(number))
            assert f"infrastructure: {node.reason}" in capsys.readouterr().out
            other = space.runs.submit(OTHER)
            assert space.runs.wait(other, 120).state == "succeeded"
            space.runs.cancel(number)
            ended = space.runs.wait(number, 120)
            assert (ended.state, ended.nodes["a"].error) == ("cancelled", None)


def test_an_engine_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing")
    with real(tmp_path) as space:
        number = submit(space, shell("true"))
        node = until(lambda: _held(space.runs.get(number).nodes["a"]))
        assert "there is no such socket" in node.reason


def test_a49_an_engine_on_the_network_without_tls_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:2375")
    monkeypatch.delenv("DOCKER_TLS_VERIFY", raising=False)
    with real(tmp_path) as space:
        number = submit(space, shell("true"))
        node = until(lambda: _waiting(space.runs.get(number).nodes["a"]))
        assert "not used without TLS" in node.reason


def _waiting(node):
    return node if "TLS" in node.reason else None
