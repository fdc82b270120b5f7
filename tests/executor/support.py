"""What tests of the engine share: toy node types, pipelines written short, a workspace."""

from __future__ import annotations

import subprocess
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from executor.services.views import RunView
from executor.services.workspace import Workspace
from tests.executor.forking import Forked

TOYS = Path(__file__).resolve().parent / "toys"
DIAMOND = """
a: {type: custom.make, params: {text: a}}
b: {type: custom.make, params: {text: b, seconds: 0.6}, inputs: {after: a.text}}
c: {type: custom.make, params: {text: c, seconds: 0.6}, inputs: {after: a.text}}
d: {type: custom.make, params: {text: d}, inputs: {after: [b.text, c.text]}}
"""


def pipeline(nodes: str, name: str = "toy", **top: Any) -> str:
    """A pipeline file of these nodes, written as YAML."""
    head = "".join(f"{key}: {value}\n" for key, value in top.items())
    return f"nodegraph: 1\nname: {name}\n{head}nodes:\n{textwrap.indent(textwrap.dedent(nodes), '  ')}"


def workspace(tmp_path: Path, *, engine: bool = True, cores: float = 4, **options: Any) -> Workspace:
    """A workspace with the toy node types."""
    return Workspace(tmp_path / "data", engine=engine, cores=cores, nodes_root=TOYS, **options)


def run(space: Workspace, text: str, timeout: float = 180, **options: Any) -> RunView:
    """Run a pipeline to its end."""
    number = space.runs.submit(text, **options)
    view = space.runs.wait(number, timeout)
    assert view.final, {name: (node.state, node.reason) for name, node in view.nodes.items()}
    return view


def states(view: RunView) -> dict[str, str]:
    return {name: node.state for name, node in view.nodes.items()}


def text_of(view: RunView, node: str) -> str:
    return (Path(view.nodes[node].outputs["text"].path) / "text.txt").read_text()


def gone(process: psutil.Process) -> bool:
    """Whether a process has ended, reaped or not."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def until(true: Callable[[], Any], timeout: float = 120.0) -> Any:
    """Wait until something is so; how long that may take at most says nothing of how long it takes."""
    began = time.monotonic()
    while not (found := true()):
        waited = time.monotonic() - began
        assert waited < timeout, "it did not happen in time"
        # The longer it takes, the more seldom we ask: whoever asks takes the processor from what is awaited.
        time.sleep(min(0.02 + waited / 20, 0.1))
    return found


ENGINE = """
import sys, time, signal
from pathlib import Path
from executor.services.workspace import Workspace
space = Workspace(Path(sys.argv[1]), engine=True, exclusive=True, cores=4, nodes_root=Path(sys.argv[2]))
def leave(*_):
    space.close()
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("ready", flush=True)
while True:
    time.sleep(0.1)
"""


def engine_process(tmp_path: Path, types: Path = TOYS) -> Forked:
    """A server: a process of its own with the engine."""
    process = Forked(ENGINE, str(tmp_path / "data"), str(types), stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"ready\n"
    return process


def kill(process: Forked | subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
