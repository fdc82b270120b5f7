"""Warm workers: attempts start at once, notice nothing, and outlive the engine that the worker ends with."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from executor import processes
from executor.environments import Environments
from executor.launchers.base import Cancelled
from executor.launchers.process import ProcessLauncher
from executor.services.workspace import Workspace
from nodegraph.contract import Resources
from tests.executor.launchers.attempts import NODES, attempt, ended, log, said, start
from tests.executor.support import gone, pipeline, run, states, until

WORKER = "nodegraph.harness.warm"


@pytest.fixture
def nodes(tmp_path: Path) -> Path:
    """The nodes of these tests, where a test may change what is imported beforehand."""
    return shutil.copytree(NODES, tmp_path / "nodes")


@pytest.fixture
def launcher(tmp_path: Path, nodes: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProcessLauncher]:
    monkeypatch.setenv("NODEGRAPH_WARM", "1")
    launcher = ProcessLauncher(Environments(tmp_path / "envs", nodes))
    yield launcher
    launcher.close()


def preload(nodes: Path, module: str, source: str) -> None:
    """Have workers import a module of the test's own."""
    (nodes.parent / f"{module}.py").write_text(source)
    (nodes / "environments" / "base.preload").write_text(f"numpy\n{module}\n")


def forked(handle: dict[str, Any]) -> bool:
    """Whether an attempt that runs was forked from a worker."""
    return WORKER in psutil.Process(handle["pid"]).cmdline()


def looked(launcher: ProcessLauncher, directory: Path, **params: Any) -> dict[str, Any]:
    spec = attempt(directory, "look", nodes_root=directory.parent / "nodes", **params)
    poll = ended(launcher, spec, start(launcher, spec))
    assert poll.exit_code == 0, log(spec)
    seen: dict[str, Any] = json.loads((directory / "out/text/seen.json").read_text())
    return seen


def test_the_second_attempt_is_forked_too(launcher, tmp_path):
    """How much sooner it starts is told by tests/benchmarks/engine.py."""
    specs = [attempt(tmp_path / name, "sleep") for name in "ab"]
    handles = [start(launcher, spec) for spec in specs]
    assert [forked(handle) for handle in handles] == [True, True]
    for spec, handle in zip(specs, handles, strict=True):
        launcher.stop(spec.directory, handle, 5)


def test_an_attempt_sees_a_process_of_its_own(launcher, tmp_path):
    seen = [looked(launcher, tmp_path / name) for name in "ab"]
    assert seen[0]["random"] != seen[1]["random"] and seen[0]["numpy"] != seen[1]["numpy"]
    assert seen[0]["pid"] != seen[1]["pid"] and seen[0]["sid"] != seen[1]["sid"]
    assert all(one["threads"] == 1 and one["main"] for one in seen)
    # 0, 1, 2, the file of events, and the folder of descriptors itself while it is read.
    assert all(len(one["descriptors"]) <= 5 for one in seen), seen[0]["descriptors"]
    assert all(one["environment"][processes.MARK] for one in seen)
    assert "JE_ARROW_MALLOC_CONF" not in seen[0]["environment"]


def test_threads_are_the_attempts_own(launcher, tmp_path, nodes, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    (nodes / "environments" / "base.preload").write_text("torch\n")
    cores = min(2, len(os.sched_getaffinity(0)))
    seen = [looked(launcher, tmp_path / f"with-{cpu}", resources=Resources(cpu=cpu)) for cpu in (1, cores)]
    assert [one["torch_threads"] for one in seen] == [1, cores]


def test_a41_streams_that_libraries_kept_are_blanked_too(launcher, tmp_path, nodes):
    """A log handler made when the worker imported a library writes to the attempt's log, blanked."""
    preload(nodes, "loud", "import logging, sys\nlogging.basicConfig(stream=sys.stderr)\n")
    spec = attempt(tmp_path / "a", "shout", nodes_root=nodes, key="JUDGE", secrets={"JUDGE": "canary-1234"})
    handle = start(launcher, spec)
    assert ended(launcher, spec, handle).exit_code == 0, log(spec)
    assert "shouting [secret]" in log(spec) and "canary" not in log(spec)


def test_f1_a_worker_ends_with_its_engine_and_attempts_go_on(launcher, tmp_path):
    spec = attempt(tmp_path / "a", "sleep")
    program = (
        "import os, sys, time; from pathlib import Path; from tests.executor.launchers.attempts import *;"
        "from executor.environments import Environments;"
        "from executor.launchers.process import ProcessLauncher;"
        "launcher = ProcessLauncher(Environments(Path(sys.argv[1]) / 'envs2', NODES));"
        "handle = start(launcher, attempt(Path(sys.argv[1]) / 'b', 'sleep'));"
        "print(handle['pid'], flush=True); time.sleep(600)"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    pid = int(server.stdout.readline())
    workers = [p for p in psutil.Process(server.pid).children() if is_worker(p)]
    assert workers and WORKER in psutil.Process(pid).cmdline()
    server.send_signal(signal.SIGKILL)
    server.wait()
    until(lambda: all(gone(worker) for worker in workers))

    found = launcher.adopt(tmp_path / "b", None, "local")
    assert found is not None and found["pid"] == pid
    assert launcher.poll(tmp_path / "b", found).state == "running"
    launcher.stop(tmp_path / "b", found, 5)
    assert launcher.poll(tmp_path / "b", found).state == "exited"
    assert not (tmp_path / "a" / "pid").exists() and spec


def is_worker(process: psutil.Process) -> bool:
    try:
        return WORKER in process.cmdline()
    except psutil.Error:  # it has ended
        return False


def test_a_workspace_takes_its_workers_with_it(tmp_path, monkeypatch):
    monkeypatch.setenv("NODEGRAPH_WARM", "1")
    with Workspace(tmp_path / "data", engine=True, nodes_root=NODES) as space:
        view = run(space, pipeline("a: {type: custom.act, params: {act: write}}"))
        assert states(view) == {"a": "succeeded"}
        (worker,) = [child for child in psutil.Process().children() if is_worker(child)]
    worker.wait(10)


def test_a_worker_that_has_threads_is_not_forked(launcher, tmp_path, nodes):
    """Threads are not inherited: such a worker is given up, and nodes run without one."""
    preload(
        nodes,
        "busy",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n",
    )
    spec = attempt(tmp_path / "a", "sleep", nodes_root=nodes)
    handle = start(launcher, spec)
    assert not forked(handle)
    launcher.stop(spec.directory, handle, 5)


def test_a_worker_that_dies_is_replaced(launcher, tmp_path):
    for name in "ab":
        spec = attempt(tmp_path / name, "sleep")
        handle = start(launcher, spec)
        assert forked(handle)
        for child in psutil.Process().children():
            if is_worker(child) and child.pid != handle["pid"]:
                child.kill()
        said(spec, "acting")
        launcher.stop(spec.directory, handle, 5)


def test_what_cannot_be_imported_is_left_to_the_node(launcher, tmp_path, nodes):
    (nodes / "environments" / "base.preload").write_text("no_module_of_that_name\n")
    assert looked(launcher, tmp_path / "a")["cwd"]


def test_importing_can_be_cancelled(launcher, tmp_path, nodes):
    preload(nodes, "slow", "import time\ntime.sleep(60)\n")

    def say(sentence: str) -> None:
        raise Cancelled

    began = time.monotonic()
    with pytest.raises(Cancelled):
        launcher.prepare(attempt(tmp_path / "a", "write", nodes_root=nodes), say)
    assert time.monotonic() - began < 30


def test_it_can_be_switched_off(launcher, tmp_path, monkeypatch):
    monkeypatch.setenv("NODEGRAPH_WARM", "0")
    spec = attempt(tmp_path / "a", "sleep")
    handle = start(launcher, spec)
    assert not forked(handle)
    launcher.stop(spec.directory, handle, 5)
