"""What tests share in which a server is killed or stopped: a run, its process, what must hold in the end."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from executor.database.tables import Attempt
from executor.services.workspace import Workspace
from tests.executor.forking import Forked
from tests.executor.support import (
    TOYS,
    engine_process,
    pipeline,
    states,
    text_of,
    until,
    workspace,
)


def slow(tmp_path: Path, **first: object) -> str:
    """Two nodes, one after the other; `first` are parameters of the first one."""
    ledger = f"ledger: '{tmp_path / 'ledger'}'"
    more = "".join(f", {name}: {value}" for name, value in first.items())
    return pipeline(f"""
    a: {{type: custom.make, params: {{text: a, {ledger}{more}}}}}
    b: {{type: custom.make, params: {{text: b, {ledger}}}, inputs: {{after: a.text}}}}
    """)


class Served(NamedTuple):
    """A server at work on a run: itself, a client without an engine, the run, the process of its node `a`."""

    server: Forked
    client: Workspace
    number: int
    process: psutil.Process


@contextmanager
def served(tmp_path: Path) -> Iterator[Served]:
    """A server that has started the first node of a run; it holds until `go_on`."""
    server = engine_process(tmp_path)
    with workspace(tmp_path, engine=False) as client:
        number = client.runs.submit(slow(tmp_path, go=tmp_path / "go"))
        yield Served(server, client, number, started(client, number))


def go_on(tmp_path: Path) -> None:
    (tmp_path / "go").touch()


def next_server_ends(tmp_path: Path, number: int) -> None:
    """Another server brings the run to its end, as if nothing had happened."""
    with workspace(tmp_path) as space:
        go_on(tmp_path)
        space.runs.wait(number, 60)
        assert_sound(space, number, tmp_path / "ledger")


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


def dies(tmp_path: Path, point: str, types: Path = TOYS) -> bool:
    """Start an engine that kills itself at this point; whether it did."""
    return Forked(CRASH, str(tmp_path / "data"), str(types), point).wait(60) == -signal.SIGKILL
