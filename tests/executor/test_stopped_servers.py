"""Servers that are told to end, that stand still for a while, that others go through or are refused by."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from nodegraph.errors import DataDirError
from tests.executor.restarts import assert_sound, go_on, next_server_ends, served, slow
from tests.executor.support import (
    engine_process,
    gone,
    kill,
    pipeline,
    states,
    until,
    workspace,
)


def test_f8_sigterm_starts_nothing_new_and_leaves_nodes_running(tmp_path: Path) -> None:
    with served(tmp_path) as (server, client, number, process):
        began = time.monotonic()
        server.send_signal(signal.SIGTERM)
        assert server.wait(12) == 0 and time.monotonic() - began < 10
        assert process.is_running()
        go_on(tmp_path)
        until(lambda: gone(process))
        time.sleep(0.3)
        assert states(client.runs.get(number)) == {"a": "running", "b": "queued"}
        next_server_ends(tmp_path, number)


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
        until(lambda: all(node.attempts for node in client.runs.get(number).nodes.values()))
        server.send_signal(signal.SIGSTOP)
        time.sleep(12)
        with pytest.raises(DataDirError, match="in use"):
            workspace(tmp_path, exclusive=True)
        server.send_signal(signal.SIGCONT)
        view = until(lambda: (found := client.runs.get(number)).final and found)
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


def test_a_run_goes_through_the_server_that_is_there(tmp_path: Path) -> None:
    server = engine_process(tmp_path)
    with workspace(tmp_path) as client:
        assert client.engine is None
        number = client.runs.submit(slow(tmp_path, seconds=1.0))
        updates = list(client.runs.follow(number))
        assert {"run", "node", "progress", "metric", "log"} <= {update.kind for update in updates}
        assert_sound(client, number, tmp_path / "ledger")
        number = client.runs.submit(pipeline("a: {type: custom.make, params: {seconds: 60}}"))
        until(lambda: client.runs.get(number).state == "running")
        client.runs.cancel(number)
        assert client.runs.wait(number, 30).state == "cancelled"
    server.terminate()
    server.wait(12)
