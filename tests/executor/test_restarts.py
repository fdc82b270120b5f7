"""Servers that are killed, stopped and started again: running nodes are found, nothing runs twice."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from executor.database.tables import Attempt
from executor.engine.jobs import ended_earlier
from executor.services.workspace import Workspace
from nodegraph.errors import DataDirError, Unavailable
from tests.executor.support import (
    TOYS,
    engine_process,
    gone,
    kill,
    pipeline,
    run,
    states,
    text_of,
    until,
    workspace,
)  # fmt: skip


def slow(tmp_path: Path, seconds: float = 2.0) -> str:
    return pipeline(f"""
    a: {{type: custom.make, params: {{text: a, seconds: {seconds}, ledger: '{tmp_path / "ledger"}'}}}}
    b: {{type: custom.make, params: {{text: b, ledger: '{tmp_path / "ledger"}'}}, inputs: {{after: a.text}}}}
    """)


def started(client: Workspace, number: int, node: str = "a") -> psutil.Process:
    """Wait until a node's process runs; the process."""

    def look() -> psutil.Process | None:
        with client.database.read() as session:
            attempt = session.get(Attempt, (number, node, 1))
        if attempt is None or attempt.handle is None:
            return None
        return psutil.Process(attempt.handle["pid"])

    process: psutil.Process = until(look)
    return process


def assert_sound(client: Workspace, number: int, ledger: Path) -> None:
    """INV: one final state, one execution per attempt, the database whole, no process left."""
    view = client.runs.get(number)
    assert (view.state, states(view)) == ("succeeded", {"a": "succeeded", "b": "succeeded"})
    assert text_of(view, "b") == "ab"
    assert ledger.read_text().split() == ["a", "b"]
    assert [node.attempts for node in view.nodes.values()] == [1, 1]
    assert client.database.integrity() == "ok"


def test_f1_a_killed_server_finds_its_running_node_again(tmp_path: Path) -> None:
    server = engine_process(tmp_path)
    with workspace(tmp_path, engine=False) as client:
        number = client.runs.submit(slow(tmp_path))
        process = started(client, number)
        kill(server)
        assert process.is_running() and client.runs.get(number).state == "running"
        with workspace(tmp_path) as space:
            space.runs.wait(number, 30)
            assert_sound(space, number, tmp_path / "ledger")
        assert gone(process)


def test_f2_a_node_that_ended_while_the_server_was_down_succeeded(tmp_path: Path) -> None:
    server = engine_process(tmp_path)
    with workspace(tmp_path, engine=False) as client:
        number = client.runs.submit(slow(tmp_path, 1.0))
        process = started(client, number)
        kill(server)
        until(lambda: gone(process))
        with workspace(tmp_path) as space:
            space.runs.wait(number, 30)
            assert_sound(space, number, tmp_path / "ledger")


def test_f2_the_time_until_somebody_looked_is_not_the_nodes(tmp_path: Path) -> None:
    (tmp_path / "exit").write_text("0\n")
    assert ended_earlier(tmp_path) is None
    os.utime(tmp_path / "exit", (1000, 1000))
    assert ended_earlier(tmp_path) == 1000


def test_f3_a_failure_while_the_server_was_down_keeps_its_retries(tmp_path: Path) -> None:
    text = pipeline(f"""
    a: {{type: custom.make, params: {{seconds: 0.3}}}}
    b: {{type: custom.misbehave, params: {{how: exit, times: 1, ledger: '{tmp_path / "ledger"}'}},
         retry: {{attempts: 2, delay: 100ms}}}}
    """)
    server = engine_process(tmp_path)
    with workspace(tmp_path, engine=False) as client:
        number = client.runs.submit(text)
        until(lambda: (tmp_path / "data/runs/1/b/1/pid").exists(), 20)
        os.kill(server.pid, signal.SIGSTOP)
        until(lambda: (tmp_path / "data/runs/1/b/1/exit").exists())
        kill(server)
        with workspace(tmp_path) as space:
            view = space.runs.wait(number, 30)
            attempts = space.runs.attempts(number, "b")
            assert [(one.state, one.exit_code) for one in attempts] == [("failed", 7), ("succeeded", 0)]
            assert view.state == "succeeded"
            assert (tmp_path / "ledger").read_text().split() == ["1", "2"]


CRASH = """
import os, signal, sys, time
from pathlib import Path
from executor.launchers.process import ProcessLauncher
from executor.services.workspace import Workspace
from executor.store.store import ArtifactStore
from executor.engine import endings, recovery

point = sys.argv[3]
def dying(function, before):
    def call(*args, **kwargs):
        if before:
            os.kill(os.getpid(), signal.SIGKILL)
        function(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)
    return call

if point == "before start":
    ProcessLauncher.start = dying(ProcessLauncher.start, True)
if point == "after start":
    ProcessLauncher.start = dying(ProcessLauncher.start, False)
if point == "before keeping":
    ArtifactStore.put = dying(ArtifactStore.put, True)
if point == "after moving":
    ArtifactStore._move_in = dying(ArtifactStore._move_in, False)
if point == "after keeping":
    ArtifactStore.put = dying(ArtifactStore.put, False)
if point == "before abandoning":
    recovery._end = dying(lambda *_: time.sleep(1), False)
if point == "before committing":
    endings.Endings._kept = dying(endings.Endings._kept, True)
with Workspace(Path(sys.argv[1]), engine=True, cores=4, nodes_root=Path(sys.argv[2])) as space:
    space.runs.wait(1)
    time.sleep(10)
"""


@pytest.mark.parametrize(
    "point",
    [
        pytest.param("before start", id="F4"),
        pytest.param("after start", id="F5"),
        pytest.param("before keeping", id="F6-1"),
        pytest.param("after moving", id="F6-2"),
        pytest.param("after keeping", id="F6-3"),
        pytest.param("before committing", id="F6-4"),
    ],
)
def test_f4_f5_f6_a_kill_at_the_worst_moment_runs_nothing_twice(tmp_path: Path, point: str) -> None:
    with workspace(tmp_path, engine=False) as client:
        number = client.runs.submit(slow(tmp_path, 0.3))
        command = [sys.executable, "-c", CRASH, str(tmp_path / "data"), str(TOYS), point]
        assert subprocess.run(command, timeout=60).returncode == -signal.SIGKILL
    with workspace(tmp_path) as space:
        space.runs.wait(number, 30)
        assert_sound(space, number, tmp_path / "ledger")


def test_f8_sigterm_starts_nothing_new_and_leaves_nodes_running(tmp_path: Path) -> None:
    server = engine_process(tmp_path)
    with workspace(tmp_path, engine=False) as client:
        number = client.runs.submit(slow(tmp_path, 1.5))
        process = started(client, number)
        began = time.monotonic()
        server.send_signal(signal.SIGTERM)
        assert server.wait(12) == 0 and time.monotonic() - began < 10
        assert process.is_running()
        until(lambda: gone(process))
        time.sleep(0.3)
        assert states(client.runs.get(number)) == {"a": "running", "b": "queued"}
        with workspace(tmp_path) as space:
            space.runs.wait(number, 30)
            assert_sound(space, number, tmp_path / "ledger")


@pytest.mark.parametrize("delay", [0.0, 0.05])
def test_f9_a_server_that_is_killed_while_it_leaves(tmp_path: Path, delay: float) -> None:
    server = engine_process(tmp_path)
    with workspace(tmp_path, engine=False) as client:
        number = client.runs.submit(slow(tmp_path))
        process = started(client, number)
        server.send_signal(signal.SIGTERM)
        time.sleep(delay)
        kill(server)
        assert process.is_running() and client.runs.get(number).state == "running"
        with workspace(tmp_path) as space:
            space.runs.wait(number, 30)
            assert_sound(space, number, tmp_path / "ledger")


def test_f10_a_second_server_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    server = engine_process(tmp_path)
    with pytest.raises(DataDirError, match=f"in use by process {server.pid}"):
        workspace(tmp_path, exclusive=True)
    kill(server)
    workspace(tmp_path, exclusive=True).close()


def test_f11_a_server_that_was_stopped_goes_on(tmp_path: Path) -> None:
    """For twelve seconds: longer than a time limit is overrun, than a retry waits, than Docker may be silent.

    Nothing that an attempt depends on waits longer, so a minute would show no more.
    """
    text = pipeline(
        f"""
    ends: {{type: custom.make, params: {{text: ends, seconds: 3, ledger: '{tmp_path / "ledger"}'}}}}
    goes_on: {{type: custom.make, params: {{text: goes on, seconds: 14, ledger: '{tmp_path / "ledger"}'}}}}
    is_late: {{type: custom.make, params: {{text: is late, seconds: 60, ledger: '{tmp_path / "ledger"}'}},
              timeout: 4s}}
    fails: {{type: custom.misbehave, params: {{how: exit, times: 1, ledger: '{tmp_path / "ledger"}'}},
            retry: {{attempts: 2, delay: 4s}}}}
    """
    )
    server = engine_process(tmp_path)
    with workspace(tmp_path, engine=False) as client:
        number = client.runs.submit(text)
        for node in ("ends", "goes_on", "is_late", "fails"):
            started(client, number, node)
        server.send_signal(signal.SIGSTOP)
        time.sleep(12)
        with pytest.raises(DataDirError, match="in use"):
            workspace(tmp_path, exclusive=True)
        server.send_signal(signal.SIGCONT)
        view = until(lambda: (found := client.runs.get(number)).final and found, 30)
        assert states(view) == {
            "ends": "succeeded", "goes_on": "succeeded", "is_late": "failed", "fails": "succeeded"
        }  # fmt: skip
        assert view.nodes["is_late"].error["category"] == "timeout"
        assert sorted((tmp_path / "ledger").read_text().split("\n")) == [
            "",
            "1",
            "2",
            "ends",
            "goes on",
            "is late",
        ]
        assert client.database.integrity() == "ok"
    server.terminate()
    server.wait(12)


def test_f13_a_node_that_vanished_with_the_machine_is_tried_again(tmp_path: Path) -> None:
    server = engine_process(tmp_path)
    with workspace(tmp_path, engine=False) as client:
        number = client.runs.submit(slow(tmp_path, 3.0))
        process = started(client, number)
        kill(server)
        for one in [*process.children(recursive=True), process]:
            one.kill()
        until(lambda: gone(process))
        with workspace(tmp_path) as space:
            view = space.runs.wait(number, 30)
            attempts = space.runs.attempts(number, "a")
            assert view.state == "succeeded"
            assert [one.state for one in attempts] == ["lost", "succeeded"]
            assert attempts[0].error and attempts[0].error["category"] == "infrastructure"


def test_a_run_goes_through_the_server_that_is_there(tmp_path: Path) -> None:
    server = engine_process(tmp_path)
    with workspace(tmp_path) as client:
        assert client.engine is None
        number = client.runs.submit(slow(tmp_path, 1.0))
        updates = list(client.runs.follow(number))
        assert {"run", "node", "progress", "metric", "log"} <= {update.kind for update in updates}
        assert_sound(client, number, tmp_path / "ledger")
        number = client.runs.submit(pipeline("a: {type: custom.make, params: {seconds: 60}}"))
        until(lambda: client.runs.get(number).state == "running")
        began = time.monotonic()
        client.runs.cancel(number)
        assert client.runs.wait(number, 20).state == "cancelled" and time.monotonic() - began < 8
    server.terminate()
    server.wait(12)


def test_whoever_waits_takes_a_killed_servers_place(tmp_path: Path) -> None:
    server = engine_process(tmp_path)
    with workspace(tmp_path) as client:
        number = client.runs.submit(slow(tmp_path, 1.0))
        started(client, number)
        kill(server)
        client.runs.wait(number, 30)
        assert client.engine is not None
        assert_sound(client, number, tmp_path / "ledger")


def test_cancelling_where_no_server_is_left(tmp_path: Path) -> None:
    server = engine_process(tmp_path)
    with workspace(tmp_path, engine=False) as client:
        number = client.runs.submit(pipeline("a: {type: custom.make, params: {seconds: 60}}"))
        other = client.runs.submit(pipeline("a: {type: custom.make, params: {seconds: 61}}"))
        process = started(client, number)
        bystander = started(client, other)
        kill(server)
        assert client.runs.cancel(number).state == "cancelled"
        assert gone(process)
        assert bystander.is_running() and client.engine is None
        client.runs.cancel(other)


HOLD = """
import sqlite3, sys, time
lock = sqlite3.connect(sys.argv[1], isolation_level=None)
lock.execute("BEGIN IMMEDIATE")
print(1, flush=True)
time.sleep(float(sys.argv[2]))
"""


def locked(tmp_path: Path, seconds: float) -> subprocess.Popen[bytes]:
    """Another process that holds the database locked."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "data" / "nodegraph.db"), str(seconds)]
    other = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert other.stdout is not None and other.stdout.readline()
    return other


def test_f33_a_locked_database_is_waited_for(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        number = space.runs.submit(pipeline("a: {type: custom.make, params: {seconds: 0.5}}"))
        until(lambda: space.runs.get(number).state == "running")
        other = locked(tmp_path, 3)
        later = space.runs.submit(pipeline("a: {type: custom.make}"))
        assert other.poll() is not None or other.wait(1) == 0, "nothing was written before the lock was gone"
        assert space.runs.wait(number, 30).state == space.runs.wait(later, 30).state == "succeeded"


def test_f33_a_lock_that_lasts_is_said_and_outlived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for half a minute; half a second here, for that is only a number."""
    monkeypatch.setattr("executor.database.session.BUSY_SECONDS", 0.5)
    with workspace(tmp_path) as space:
        number = space.runs.submit(pipeline("a: {type: custom.make, params: {seconds: 0.5}}"))
        until(lambda: space.runs.get(number).state == "running")
        other = locked(tmp_path, 60)
        until(lambda: (tmp_path / "data/runs/1/a/1/exit").exists())
        for _ in range(3):
            with pytest.raises(Unavailable, match="locked"):
                space.runs.submit(pipeline("a: {type: custom.make}"))
        kill(other)
        assert space.runs.wait(number, 30).state == "succeeded"
        assert run(space, pipeline("a: {type: custom.make}")).state == "succeeded"
        assert [one.state for one in space.runs.attempts(number, "a")] == ["succeeded"]
        assert space.database.integrity() == "ok"


@pytest.mark.parametrize("killed_again", [False, True])
def test_a_run_of_a_type_that_is_gone_fails_with_the_reason(tmp_path: Path, killed_again: bool) -> None:
    types = tmp_path / "types"
    shutil.copytree(TOYS, types)
    server = engine_process(tmp_path, types)
    with Workspace(tmp_path / "data", nodes_root=types) as client:
        number = client.runs.submit(pipeline("a: {type: custom.make, params: {seconds: 60}}"))
        process = started(client, number)
    kill(server)
    (types / "custom" / "make.py").unlink()
    if killed_again:
        command = [sys.executable, "-c", CRASH, str(tmp_path / "data"), str(types), "before abandoning"]
        assert subprocess.run(command, timeout=60).returncode == -signal.SIGKILL
    with Workspace(tmp_path / "data", nodes_root=types, engine=True) as space:
        view = space.runs.wait(number, 10)
        assert view.state == "failed"
        assert view.nodes["a"].error and "custom.make" in view.nodes["a"].error["message"]
        until(lambda: gone(process))
        until(lambda: space.runs.attempts(number, "a")[0].state == "lost")
    shutil.copy(TOYS / "custom" / "make.py", types / "custom")
    with Workspace(tmp_path / "data", nodes_root=types, engine=True) as space:
        assert run(space, pipeline("a: {type: custom.make}")).state == "succeeded"
