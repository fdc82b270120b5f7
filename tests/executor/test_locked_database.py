"""F33: another process holds the database locked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nodegraph.errors import Unavailable
from tests.executor.support import (
    kill,
    pipeline,
    run,
    until,
    workspace,
)

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
        number = space.runs.submit(pipeline(f"a: {{type: custom.make, params: {{go: '{tmp_path}/go'}}}}"))
        until(lambda: space.runs.get(number).state == "running")
        other = locked(tmp_path, 3)
        (tmp_path / "go").touch()
        later = space.runs.submit(pipeline("a: {type: custom.make}"))
        assert other.poll() is not None or other.wait(1) == 0, "nothing was written before the lock was gone"
        assert space.runs.wait(number, 60).state == space.runs.wait(later, 60).state == "succeeded"


def test_f33_a_lock_that_lasts_is_said_and_outlived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for half a minute; half a second here, for that is only a number."""
    monkeypatch.setattr("executor.database.session.BUSY_SECONDS", 0.5)
    with workspace(tmp_path) as space:
        number = space.runs.submit(pipeline(f"a: {{type: custom.make, params: {{go: '{tmp_path}/go'}}}}"))
        until(lambda: space.runs.get(number).state == "running")
        other = locked(tmp_path, 60)
        (tmp_path / "go").touch()
        until(lambda: (tmp_path / "data/runs/1/a/1/exit").exists())
        for _ in range(3):
            with pytest.raises(Unavailable, match="locked"):
                space.runs.submit(pipeline("a: {type: custom.make}"))
        kill(other)
        assert space.runs.wait(number, 60).state == "succeeded"
        assert run(space, pipeline("a: {type: custom.make}")).state == "succeeded"
        assert [one.state for one in space.runs.attempts(number, "a")] == ["succeeded"]
        assert space.database.integrity() == "ok"
