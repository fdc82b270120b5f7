"""Servers that are killed while containers run, and containers that others meddle with.

F… are the names in the list of faults.
"""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path

import pytest

from executor.database.tables import Attempt
from executor.engine.commit import keep_outputs
from executor.hosts.model import Facts, Gpu, Host
from executor.launchers.docker.boxes import OVER
from executor.launchers.docker.container import Ground, name_of, settings
from executor.launchers.docker.gpus import named
from executor.launchers.docker.launcher import DockerLauncher
from executor.services.workspace import Workspace
from nodegraph.contract import Resources
from tests.executor.docker.support import (
    containers,
    engine,
    logged,
    nothing_is_left,
    owner,
    real,
    run,
    running,
    server,
    shell,
    starts,
    submit,
    toys,
)  # fmt: skip
from tests.executor.launchers.attempts import NODES, attempt, start
from tests.executor.support import kill, pipeline, until

pytestmark = pytest.mark.docker
# Goes on once the server allows it, by a file in the attempt's scratch space.
HELD = "echo waiting; while [ ! -e $NODEGRAPH_SCRATCH/go ]; do sleep 0.05; done; echo on"
WRITE = "echo done >$NODEGRAPH_OUTPUT_TEXT/t"


def go_on(tmp_path: Path) -> None:
    (tmp_path / "data/runs/1/a/1/scratch/go").touch()


def exited(tmp_path: Path) -> None:
    until(lambda: (tmp_path / "data/runs/1/a/1/returned/exit").exists(), 20)


def killed_server(tmp_path: Path, script: str) -> dict:
    """A server started the container, and was killed with it running; the container."""
    one = server(tmp_path)
    try:
        with real(tmp_path, engine=False) as client:
            submit(client, shell(script))
        logged(tmp_path, "waiting")
        until(lambda: _handle(tmp_path) is not None, 10)
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
        until(lambda: _state(space) == "running", 5)
        assert running(tmp_path)["Id"] == container["Id"]
        go_on(tmp_path)
        view = space.runs.wait(1, 30)
    assert (view.state, view.nodes["a"].attempts) == ("succeeded", 1)
    assert (tmp_path / "data/runs/1/a/1/log").read_text() == "waiting\non\n"
    assert starts(tmp_path, began) == [container["Name"][1:]]
    nothing_is_left(tmp_path)


def test_f2_it_ends_well_while_the_server_is_down(tmp_path: Path) -> None:
    killed_server(tmp_path, f"{HELD}; {WRITE}")
    go_on(tmp_path)
    exited(tmp_path)
    with real(tmp_path) as space:
        view = space.runs.wait(1, 30)
        assert (view.state, view.nodes["a"].attempts) == ("succeeded", 1)
        assert (Path(view.nodes["a"].outputs["text"].path) / "t").read_text() == "done\n"
    nothing_is_left(tmp_path)


def test_f3_it_fails_while_the_server_is_down(tmp_path: Path) -> None:
    killed_server(tmp_path, f"{HELD}; exit 7")
    go_on(tmp_path)
    exited(tmp_path)
    with real(tmp_path) as space:
        view = space.runs.wait(1, 30)
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
                launcher._containers.begin = lambda name: None  # type: ignore[method-assign]
            if got_to != "nothing":
                start(launcher, spec)
            vars(launcher._containers).pop("begin", None)
            later = restarted(space)
            handle = later.adopt(directory, None)
            assert (handle is None) == (got_to == "nothing")
            handle = handle or start(later, spec)
            assert start(restarted(space), spec) == handle
            until(lambda: later.poll(directory, handle).state == "exited", 20)  # noqa: B023
            assert later.poll(directory, handle).exit_code == 0, (directory / "log").read_text()
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
        until(lambda: not containers(tmp_path), 20)


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
        view = space.runs.wait(1, 30)
        assert view.nodes["a"].outputs["text"].digest == kept["text"].digest
        assert (Path(view.nodes["a"].outputs["text"].path) / "t").read_text() == "done\n"
    nothing_is_left(tmp_path)


def test_f13_a_container_removed_while_the_server_is_down_is_lost_and_tried_again(tmp_path: Path) -> None:
    container = killed_server(tmp_path, f"{HELD}; {WRITE}")
    engine().remove(container["Id"])
    with real(tmp_path) as space:
        log = logged(tmp_path, "waiting", attempt=2)
        (log.parent / "scratch/go").touch()
        view = space.runs.wait(1, 30)
        assert (view.state, view.nodes["a"].attempts) == ("succeeded", 2)
        assert "removed" in _attempt_error(space, 1)
    nothing_is_left(tmp_path)


def test_f19_a_container_removed_by_an_outsider_is_noticed(tmp_path: Path) -> None:
    with real(tmp_path) as space:
        submit(space, shell(f"{HELD}; {WRITE}"))
        logged(tmp_path, "waiting")
        container = running(tmp_path)
        began = time.monotonic()
        engine().remove(container["Id"])
        log = logged(tmp_path, "waiting", attempt=2)
        assert time.monotonic() - began < 15
        (log.parent / "scratch/go").touch()
        assert space.runs.wait(1, 30).state == "succeeded"
        assert "container was removed" in _attempt_error(space, 1)


def test_f20_a_paused_container_still_times_out(tmp_path: Path) -> None:
    with real(tmp_path) as space:
        number = submit(space, shell("echo waiting; sleep 60", timeout="3s"))
        logged(tmp_path, "waiting")
        with engine().asked() as client:
            client.pause(running(tmp_path)["Id"])
        view = space.runs.wait(number, 40)
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
        number = submit(space, shell("echo kept; sleep 60", timeout="1s"))
        error = space.runs.wait(number, 30).nodes["a"].error
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


def test_a47_the_kernel_bounds_processes_and_memory(tmp_path: Path) -> None:
    """Read from inside, in either version of control groups; that memory's bound bites is F22."""
    both = "cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/memory.max 2>/dev/null"
    old = "cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/memory/memory.limit_in_bytes"
    with real(tmp_path) as space:
        text = shell(f"({both} || {old}) >$NODEGRAPH_OUTPUT_TEXT/t", resources={"memory_gb": 0.25})
        view = run(space, text)
        bounds = (Path(view.nodes["a"].outputs["text"].path) / "t").read_text().split()
    assert bounds == ["4096", str(2**28)]


def test_gpus_are_asked_for_by_their_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shape of the request; no GPU is needed for it. On this machine we count among those left to us."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    host, _ = asked_gpus(tmp_path / "a", Host("local"), (0, 3))
    assert host["DeviceRequests"] == [
        {"Driver": "nvidia", "DeviceIDs": ["0", "3"], "Capabilities": [["gpu"]]}
    ]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,5,6,GPU-7")
    host, _ = asked_gpus(tmp_path / "b", Host("local"), (0, 3))
    assert host["DeviceRequests"][0]["DeviceIDs"] == ["4", "GPU-7"]


def test_gpus_of_another_host_are_its_own_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By id where its runtime hands them out; by variables where they were only declared by hand."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,5")
    found = (Gpu(0, "A100", id="GPU-a"), Gpu(1, "A100"))
    there = Host("gpu2", facts=Facts(8, 64, nvidia=True, gpus=found))
    host, _ = asked_gpus(tmp_path / "a", there, (0, 1))
    assert host["DeviceRequests"][0]["DeviceIDs"] == ["GPU-a", "1"]
    declared = Host("gpu3", declared=(Gpu(0, "910B"), Gpu(1, "910B")), facts=Facts(8, 64))
    host, variables = asked_gpus(tmp_path / "b", declared, (1,))
    assert "DeviceRequests" not in host
    assert {"CUDA_VISIBLE_DEVICES=1", "NVIDIA_VISIBLE_DEVICES=1"} <= set(variables)


def asked_gpus(folder: Path, host: Host, gpus: tuple[int, ...]) -> tuple[dict, list[str]]:
    spec = attempt(folder / "1/act/1", "write", resources=Resources(gpu=len(gpus)))
    devices, visible = named(host, gpus)
    ground = Ground("image", ["true"], [], "owner", cores=8, devices=devices, visible=visible)
    body = settings(dataclasses.replace(spec, gpus=gpus), ground)
    return body["HostConfig"], body["Env"]


def _state(space: Workspace) -> str:
    return space.runs.get(1).nodes["a"].state


def _attempt_error(space: Workspace, number: int) -> str:
    with space.database.read() as session:
        row = session.get(Attempt, (1, "a", number))
        assert row is not None
        return json.dumps(row.error)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace")
    except OSError:
        return ""
