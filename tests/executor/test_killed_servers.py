"""Servers that are killed: the next one finds their running nodes again, and nothing runs twice."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from executor.engine.jobs import ended_earlier
from tests.executor.restarts import assert_sound, dies, go_on, next_server_ends, served, slow, started
from tests.executor.support import (
    engine_process,
    gone,
    kill,
    pipeline,
    until,
    workspace,
)


def test_f1_a_killed_server_finds_its_running_node_again(tmp_path: Path) -> None:
    with served(tmp_path) as (server, client, number, process):
        kill(server)
        assert process.is_running() and client.runs.get(number).state == "running"
        next_server_ends(tmp_path, number)
        assert gone(process)


def test_f2_a_node_that_ended_while_the_server_was_down_succeeded(tmp_path: Path) -> None:
    with served(tmp_path) as (server, _, number, process):
        kill(server)
        go_on(tmp_path)
        until(lambda: gone(process))
        next_server_ends(tmp_path, number)


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
        until(lambda: (tmp_path / "data/runs/1/b/1/pid").exists())
        os.kill(server.pid, signal.SIGSTOP)
        until(lambda: (tmp_path / "data/runs/1/b/1/exit").exists())
        kill(server)
        with workspace(tmp_path) as space:
            view = space.runs.wait(number, 60)
            attempts = space.runs.attempts(number, "b")
            assert [(one.state, one.exit_code) for one in attempts] == [("failed", 7), ("succeeded", 0)]
            assert view.state == "succeeded"
            assert (tmp_path / "ledger").read_text().split() == ["1", "2"]


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
        number = client.runs.submit(slow(tmp_path, seconds=0.3))
        assert dies(tmp_path, point)
    next_server_ends(tmp_path, number)


@pytest.mark.parametrize("delay", [0.0, 0.05])
def test_f9_a_server_that_is_killed_while_it_leaves(tmp_path: Path, delay: float) -> None:
    with served(tmp_path) as (server, client, number, process):
        server.send_signal(signal.SIGTERM)
        time.sleep(delay)
        kill(server)
        assert process.is_running() and client.runs.get(number).state == "running"
        next_server_ends(tmp_path, number)


def test_f13_a_node_that_vanished_with_the_machine_is_tried_again(tmp_path: Path) -> None:
    with served(tmp_path) as (server, _, number, process):
        kill(server)
        for one in [*process.children(recursive=True), process]:
            one.kill()
        until(lambda: gone(process))
        go_on(tmp_path)
        with workspace(tmp_path) as space:
            view = space.runs.wait(number, 60)
            attempts = space.runs.attempts(number, "a")
            assert view.state == "succeeded"
            assert [one.state for one in attempts] == ["lost", "succeeded"]
            assert attempts[0].error and attempts[0].error["category"] == "infrastructure"


def test_whoever_waits_takes_a_killed_servers_place(tmp_path: Path) -> None:
    server = engine_process(tmp_path)
    with workspace(tmp_path) as client:
        number = client.runs.submit(slow(tmp_path, seconds=1.0))
        started(client, number)
        kill(server)
        client.runs.wait(number, 60)
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
