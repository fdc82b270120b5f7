"""What tests with a real Docker engine share: workspaces and servers that use it, and what it then says."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from executor.database.tables import Attempt
from executor.environments import Environments
from executor.images.images import Images
from executor.launchers.docker.engine import DockerEngine
from executor.services.views import RunView
from executor.services.workspace import Workspace
from nodegraph.registry import DEFAULT_ROOT
from tests.executor.support import TOYS, engine_process, pipeline, until

SMALL = "python:3.11-slim"
# Scripts that go on once the file `go` is in the attempt's scratch space, and one that writes its output.
GATE = "while [ ! -e $NODEGRAPH_SCRATCH/go ]; do sleep 0.05; done"
HELD = f"echo waiting; {GATE}; echo on"
WRITE = "echo done >$NODEGRAPH_OUTPUT_TEXT/t"


def toys(tmp_path: Path, *, engine: bool = True) -> Workspace:
    """A workspace with the toy node types."""
    return Workspace(tmp_path / "data", engine=engine, cores=4, nodes_root=TOYS)


def real(tmp_path: Path, *, engine: bool = True) -> Workspace:
    """A workspace with the node types that come with NodeGraph, `custom.container` among them."""
    return Workspace(tmp_path / "data", engine=engine, cores=4)


def server(tmp_path: Path, types: Path = DEFAULT_ROOT) -> subprocess.Popen[bytes]:
    """A server in a process of its own."""
    return engine_process(tmp_path, types)


def shell(script: str, image: str = SMALL, **more: Any) -> str:
    """A pipeline of one container `a`, which runs a shell script and has an output `text`."""
    rest = "".join(f", {name}: {json.dumps(value)}" for name, value in more.pop("params", {}).items())
    extra = "".join(f", {name}: {json.dumps(value)}" for name, value in more.items())
    command = json.dumps(["/bin/sh", "-c", script])
    return pipeline(f"""
    a: {{type: custom.container, params: {{image: "{image}", command: {command}{rest}}}{extra}}}
    """)


def submit(space: Workspace, text: str, **options: Any) -> int:
    return space.runs.submit(text, launcher="docker", **options)


def run(space: Workspace, text: str, seconds: float = 180, **options: Any) -> RunView:
    """Run a pipeline in containers to its end."""
    number = submit(space, text, **options)
    view = space.runs.wait(number, seconds)
    assert view.final, {name: (node.state, node.reason) for name, node in view.nodes.items()}
    return view


def engine() -> DockerEngine:
    return DockerEngine()


def containers(tmp_path: Path) -> list[dict[str, Any]]:
    """The containers of this test's data directory, as the engine describes them."""
    mine = owner(tmp_path)
    if not mine:
        return []
    with engine().asked() as client:
        found = client.containers(all=True, filters={"label": f"nodegraph.data={mine}"})
    # One that is being removed may be gone by now.
    described = [engine().container(one["Id"]) for one in found]
    return [one for one in described if one is not None]


def owner(tmp_path: Path) -> str:
    path = tmp_path / "data" / "docker" / "id"
    return path.read_text() if path.exists() else ""


def running(tmp_path: Path) -> dict[str, Any]:
    """Wait for the one container that runs, and for its attempt to have begun; the container."""

    def look() -> dict[str, Any] | None:
        begun = list(tmp_path.glob("data/runs/*/*/*/returned/started"))
        found = [one for one in containers(tmp_path) if one["State"]["Status"] == "running"]
        return found[0] if found and begun else None

    container: dict[str, Any] = until(look)
    return container


def logged(tmp_path: Path, words: str, node: str = "a", attempt: int = 1) -> Path:
    """Wait for words in the log of an attempt; the log's path."""
    path = tmp_path / "data" / "runs" / "1" / node / str(attempt) / "log"
    until(lambda: path.exists() and words in path.read_text(errors="replace"))
    return path


def starts(tmp_path: Path, since: float) -> list[str]:
    """The names of the containers of this data directory that were started, once for each start."""
    with engine().asked() as client:
        events = client.events(
            since=int(since),
            until=int(time.time()) + 1,
            filters={"event": "start", "label": f"nodegraph.data={owner(tmp_path)}"},
            decode=True,
        )
        return sorted(event["Actor"]["Attributes"]["name"] for event in events)


def attempt_error(space: Workspace, number: int) -> str:
    """The error of an attempt of node `a` in the first run, as JSON."""
    with space.database.read() as session:
        row = session.get(Attempt, (1, "a", number))
        assert row is not None
        return json.dumps(row.error)


def nothing_is_left(tmp_path: Path) -> None:
    """The invariant: no container of ours is left, and the database is whole."""
    until(lambda: not containers(tmp_path))
    with sqlite3.connect(tmp_path / "data" / "nodegraph.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def made_base_image() -> str:
    """The image of the environment `base`, made once for all tests, whoever of them asks first."""
    root = Path(tempfile.gettempdir()) / f"nodegraph-tests-{os.getuid()}"
    images = Images(root, Environments(root / "envs"), engine())
    return images.ensure("base", lambda _: None)
