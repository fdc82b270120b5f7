"""Servers that are killed while containers run: the next one finds them again, and nothing runs twice.

F… are the names in the list of faults.
"""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest

from executor.database.tables import Attempt
from executor.engine.commit import keep_outputs
from executor.launchers.docker.boxes import OVER
from executor.launchers.docker.container import name_of
from executor.launchers.docker.launcher import DockerLauncher
from executor.services.workspace import Workspace
from tests.executor.docker.support import (
    HELD,
    WRITE,
    attempt_error,
    containers,
    engine,
    logged,
    nothing_is_left,
    owner,
    real,
    running,
    server,
    shell,
    starts,
    submit,
    toys,
)  # fmt: skip
from tests.executor.launchers.attempts import NODES, attempt, start
from tests.executor.support import kill, until

pytestmark = pytest.mark.docker


def go_on(tmp_path: Path) -> None:
    (tmp_path / "data/runs/1/a/1/scratch/go").touch()


def exited(tmp_path: Path) -> None:
    until(lambda: (tmp_path / "data/runs/1/a/1/returned/exit").exists())


def killed_server(tmp_path: Path, script: str) -> dict:
    """A server started the container, and was killed with it running; the container."""
    one = server(tmp_path)
    try:
        with real(tmp_path, engine=False) as client:
            submit(client, shell(script))
        logged(tmp_path, "waiting")
        until(lambda: _handle(tmp_path) is not None)
        return running(tmp_path)
    finally:
        kill(one)


def _handle(tmp_path: Path) -> object:
    with real(tmp_path, engine=False) as client, client.database.read() as session:
        row = session.get(Attempt, (1, "a", 1))
        return row and row.handle


def test_f1_the_container_is_found_again_after_a_kill(tmp_path: Path) -> None:
    began = time.time()
    container = killed_server(tmp_path, f"{HELD}; {WRITE}")
    with real(tmp_path) as space:
        until(lambda: _state(space) == "running")
        assert running(tmp_path)["Id"] == container["Id"]
        go_on(tmp_path)
        view = space.runs.wait(1, 120)
    assert (view.state, view.nodes["a"].attempts) == ("succeeded", 1)
    assert (tmp_path / "data/runs/1/a/1/log").read_text() == "waiting\non\n"
    assert starts(tmp_path, began) == [container["Name"][1:]]
    nothing_is_left(tmp_path)


def test_f2_it_ends_well_while_the_server_is_down(tmp_path: Path) -> None:
    killed_server(tmp_path, f"{HELD}; {WRITE}")
    go_on(tmp_path)
    exited(tmp_path)
    with real(tmp_path) as space:
        view = space.runs.wait(1, 120)
        assert (view.state, view.nodes["a"].attempts) == ("succeeded", 1)
        assert (Path(view.nodes["a"].outputs["text"].path) / "t").read_text() == "done\n"
    nothing_is_left(tmp_path)


def test_f3_it_fails_while_the_server_is_down(tmp_path: Path) -> None:
    killed_server(tmp_path, f"{HELD}; exit 7")
    go_on(tmp_path)
    exited(tmp_path)
    with real(tmp_path) as space:
        view = space.runs.wait(1, 120)
    error = view.nodes["a"].error
    assert error and (view.state, error["exit_code"], error["category"]) == ("failed", 7, "node")
    nothing_is_left(tmp_path)


def test_f4_f5_an_intent_without_a_handle_gives_one_container(tmp_path: Path, base_image: str) -> None:
    """Killed before the create, between create and start, and after the start: one start all the same."""
    began = time.time()
    with toys(tmp_path, engine=False) as space:
        launcher = restarted(space)
        for number, got_to in enumerate(("nothing", "created", "started"), 1):
            directory = space.data_dir.attempt(number, "act", 1)
            code = (NODES / "custom" / "act.py",)
            spec = dataclasses.replace(attempt(directory, "write"), run=str(number), code_files=code)
            assert DockerLauncher.adopt(restarted(space), directory, None) is None
            if got_to == "created":
                launcher._containers.begin = lambda name, **_: None  # type: ignore[method-assign]
            if got_to != "nothing":
                start(launcher, spec)
            vars(launcher._containers).pop("begin", None)
            later = restarted(space)
            handle = later.adopt(directory, None)
            assert (handle is None) == (got_to == "nothing")
            handle = handle or start(later, spec)
            assert start(restarted(space), spec) == handle
            until(lambda: later.poll(directory, handle).state == "exited")  # noqa: B023
            assert later.poll(directory, handle).exit_code == 0, (directory / "log").read_text()
            assert start(restarted(space), spec) == handle, "also of one that has ended"
            later.stop(directory, handle, 0)
            later.cleanup(directory, handle)
            later.close()
    names = [name_of(space.data_dir.attempt(number, "act", 1), owner(tmp_path)) for number in (1, 2, 3)]
    assert starts(tmp_path, began) == sorted(names)
    assert containers(tmp_path) == []


def test_a_container_that_could_not_be_removed_is_removed_by_the_next_server(
    tmp_path: Path, base_image: str
) -> None:
    """The engine was away when it was to go: the word that nobody wants it any more has been kept."""
    with toys(tmp_path, engine=False) as space:
        directory = space.data_dir.attempt(1, "act", 1)
        code = (NODES / "custom" / "act.py",)
        spec = dataclasses.replace(attempt(directory, "sleep"), code_files=code)
        start(space.launchers["docker"], spec)
        (directory / OVER).touch()
    assert len(containers(tmp_path)) == 1
    with toys(tmp_path):
        until(lambda: not containers(tmp_path))


def restarted(space: Workspace) -> DockerLauncher:
    """The launcher of a server that was killed and started again: it knows nothing."""
    return DockerLauncher("local", space.data_dir.root, space.images, engine())


def test_f6_outputs_are_kept_once(tmp_path: Path) -> None:
    """Killed after the exit, with the status collected and outputs already in the store, but no commit."""
    killed_server(tmp_path, f"{HELD}; {WRITE}")
    go_on(tmp_path)
    exited(tmp_path)
    with real(tmp_path, engine=False) as space:
        directory = space.data_dir.attempt(1, "a", 1)
        launcher = space.launchers["docker"]
        handle = launcher.adopt(directory, None, "local")
        assert handle and launcher.poll(directory, handle).state == "exited"
        kept = keep_outputs(space.store, directory, {"text": "text"})
    with real(tmp_path) as space:
        view = space.runs.wait(1, 120)
        assert view.nodes["a"].outputs["text"].digest == kept["text"].digest
        assert (Path(view.nodes["a"].outputs["text"].path) / "t").read_text() == "done\n"
    nothing_is_left(tmp_path)


def test_f13_a_container_removed_while_the_server_is_down_is_lost_and_tried_again(tmp_path: Path) -> None:
    container = killed_server(tmp_path, f"{HELD}; {WRITE}")
    engine().remove(container["Id"])
    with real(tmp_path) as space:
        log = logged(tmp_path, "waiting", attempt=2)
        (log.parent / "scratch/go").touch()
        view = space.runs.wait(1, 120)
        assert (view.state, view.nodes["a"].attempts) == ("succeeded", 2)
        assert "removed" in attempt_error(space, 1)
    nothing_is_left(tmp_path)


def _state(space: Workspace) -> str:
    return space.runs.get(1).nodes["a"].state
