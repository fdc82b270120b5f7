"""How soon a living server sees an attempt that died, and ends one that is cancelled."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psutil

from executor.database.tables import Attempt
from executor.launchers.docker.engine import DockerEngine
from executor.services.workspace import Workspace
from tests.chaos import far
from tests.chaos.servers import Place
from tests.executor.support import pipeline, until

if TYPE_CHECKING:
    from tests.chaos.chaos import Figures


def measure(
    client: Workspace, place: Place, launchers: list[str], figures: Figures, far_engine: str = ""
) -> None:
    """Kill what runs, from outside; then cancel the second attempt at it."""
    params = f"params: {{ledger: '{place.ledger}', how: hang}}"
    for launcher in launchers:
        host = far.HOST if launcher == "far" else "local"
        text = pipeline(f"a: {{type: custom.act, {params}, resources: {{host: {host}}}}}")
        number = client.runs.submit(text, launcher="process" if launcher == "process" else "docker")
        handle = _running(client, place, number, 1)
        began = time.time()
        _end(launcher, handle, far_engine)
        until(lambda: _attempt(client, number, 1).finished, 30)  # noqa: B023
        figures.dead_seen.append(time.time() - began)
        assert _attempt(client, number, 1).state in ("lost", "failed")
        _running(client, place, number, 2)
        began = time.time()
        client.runs.cancel(number)
        until(lambda: client.runs.get(number).final, 60)  # noqa: B023
        figures.cancelled.append(time.time() - began)


def _running(client: Workspace, place: Place, number: int, attempt: int) -> dict[str, object]:
    """Wait until an attempt is at work; its handle."""
    until(lambda: f"{number}/a/{attempt}" in place.executed(), 60)
    until(lambda: _attempt(client, number, attempt).handle, 10)
    return dict(_attempt(client, number, attempt).handle)


def _attempt(client: Workspace, run: int, number: int) -> Attempt:
    with client.database.read() as session:
        found = session.get(Attempt, (run, "a", number))
    assert found is not None
    return found


def _end(launcher: str, handle: dict[str, object], far_engine: str) -> None:
    if launcher != "process":
        DockerEngine(far_engine if launcher == "far" else None).remove(str(handle["name"]))
        return
    wrapper = psutil.Process(int(str(handle["pid"])))
    for process in [*wrapper.children(recursive=True), wrapper]:
        process.kill()
