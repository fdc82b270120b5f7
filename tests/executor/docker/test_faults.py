"""Containers that others meddle with, that overrun a bound, that leave something behind.

F… are the names in the list of faults.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.executor.docker.support import (
    HELD,
    WRITE,
    attempt_error,
    engine,
    logged,
    nothing_is_left,
    real,
    run,
    running,
    shell,
    submit,
    toys,
)  # fmt: skip
from tests.executor.support import pipeline

pytestmark = pytest.mark.docker


def test_f19_a_container_removed_by_an_outsider_is_noticed(tmp_path: Path) -> None:
    with real(tmp_path) as space:
        submit(space, shell(f"{HELD}; {WRITE}"))
        logged(tmp_path, "waiting")
        container = running(tmp_path)
        engine().remove(container["Id"])
        log = logged(tmp_path, "waiting", attempt=2)
        (log.parent / "scratch/go").touch()
        assert space.runs.wait(1, 120).state == "succeeded"
        assert "container was removed" in attempt_error(space, 1)


def test_f20_a_paused_container_still_times_out(tmp_path: Path) -> None:
    with real(tmp_path) as space:
        number = submit(space, shell("echo waiting; sleep 600", timeout="8s"))
        logged(tmp_path, "waiting")
        with engine().asked() as client:
            client.pause(running(tmp_path)["Id"])
        view = space.runs.wait(number, 120)
        error = view.nodes["a"].error
        assert error and error["category"] == "timeout"
    nothing_is_left(tmp_path)


def test_f22_out_of_memory_is_called_so(tmp_path: Path) -> None:
    code = "python -c 'x = bytearray(500 << 20)'"
    with real(tmp_path) as space:
        error = run(space, shell(code, resources={"memory_gb": 0.125})).nodes["a"].error
        assert error and (error["category"], error["message"]) == (
            "oom",
            "The container ran out of memory.",
        ), error
        assert "memory_gb" in error["hint"]


def test_f24_a_time_limit_ends_the_container_and_keeps_the_log(tmp_path: Path, base_image: str) -> None:
    with toys(tmp_path) as space:
        view = run(space, pipeline("a: {type: custom.make, params: {seconds: 60}, timeout: 2s}"))
        error = view.nodes["a"].error
        assert error and error["category"] == "timeout"
    nothing_is_left(tmp_path)
    with real(tmp_path) as space:
        number = submit(space, shell("echo kept; sleep 600", timeout="4s"))
        error = space.runs.wait(number, 120).nodes["a"].error
        assert error and error["category"] == "timeout"
    assert (tmp_path / f"data/runs/{number}/a/1/log").read_text() == "kept\n"
    nothing_is_left(tmp_path)


def test_f30_a_child_with_a_session_of_its_own_is_gone_at_the_end(tmp_path: Path) -> None:
    mark = f"stray-{time.time_ns()}"
    stray = f"setsid sh -c 'echo {mark}; sleep 600; echo {mark}' & sleep 0.3; {WRITE}"
    with real(tmp_path) as space:
        assert run(space, shell(stray)).state == "succeeded"
    alive = [path for path in Path("/proc").glob("[0-9]*/cmdline") if mark in _read(path)]
    assert alive == []
    nothing_is_left(tmp_path)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace")
    except OSError:
        return ""
