"""What tests share in which a server is killed or stopped: a run, its process, what must hold in the end."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil

from executor.database.tables import Attempt
from executor.services.workspace import Workspace
from tests.executor.forking import Forked
from tests.executor.support import (
    TOYS,
    pipeline,
    states,
    text_of,
    until,
)


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
