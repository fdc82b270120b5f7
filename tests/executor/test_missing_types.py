"""Servers that start where a node type is gone that an open run needs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from executor.services.workspace import Workspace
from tests.executor.restarts import dies, started
from tests.executor.support import (
    TOYS,
    engine_process,
    gone,
    kill,
    pipeline,
    run,
    until,
)


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
        assert dies(tmp_path, "before abandoning", types)
    with Workspace(tmp_path / "data", nodes_root=types, engine=True) as space:
        view = space.runs.wait(number, 60)
        assert view.state == "failed"
        assert view.nodes["a"].error and "custom.make" in view.nodes["a"].error["message"]
        until(lambda: gone(process))
        until(lambda: space.runs.attempts(number, "a")[0].state == "lost")
    shutil.copy(TOYS / "custom" / "make.py", types / "custom")
    with Workspace(tmp_path / "data", nodes_root=types, engine=True) as space:
        assert run(space, pipeline("a: {type: custom.make}")).state == "succeeded"
