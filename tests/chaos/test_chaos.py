"""F7: servers killed at all sorts of moments; nothing is lost, nothing happens twice, nothing is left behind.

The full run is `python -m tests.chaos --kills 200 --launcher process`, and again with docker and with far.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from executor.data_dir import DataDir
from executor.services.workspace import Workspace
from tests.chaos.chaos import Chaos, Figures
from tests.chaos.points import POINTS, found
from tests.chaos.server import TYPES
from tests.chaos.servers import Place, Server
from tests.executor.docker.support import containers
from tests.executor.support import pipeline, until


@pytest.mark.parametrize("target", sorted({target for point in POINTS for target in point.targets}))
def test_every_point_is_a_function_that_there_is(target: str) -> None:
    holder, name = found(target)
    assert callable(getattr(holder, name))


def survived(tmp_path: Path, launchers: list[str], kills: int, seed: int) -> Figures:
    figures = Chaos(Place(tmp_path / "chaos", forked=True), launchers, seed=seed).run(kills)
    verdict = figures.verdict
    assert verdict.holds, [*verdict.lost, *verdict.duplicated, *verdict.orphans, *verdict.wrong]
    assert figures.kills == kills and verdict.executions > 0
    assert figures.at_points.total() > kills / 2, f"hardly a server died where it was to: {figures.missed}"
    assert figures.reattached, "no server ever had to find anything again"
    assert len(figures.dead_seen) == len(figures.cancelled) == len(launchers)
    return figures


def test_f7_servers_are_killed_while_processes_run(tmp_path: Path) -> None:
    survived(tmp_path, ["process"], kills=12, seed=1)


@pytest.mark.docker
def test_f7_servers_are_killed_while_processes_and_containers_run(tmp_path: Path, base_image: str) -> None:
    survived(tmp_path, ["process", "docker"], kills=10, seed=2)
    assert (DataDir(tmp_path / "chaos" / "data").root / "docker" / "id").exists()


@pytest.mark.docker
def test_f6_a_container_whose_end_was_committed_is_removed_after_a_kill(
    tmp_path: Path, base_image: str
) -> None:
    place = Place(tmp_path, forked=True)
    text = pipeline(f"a: {{type: custom.act, params: {{ledger: '{place.ledger}'}}}}")
    with Workspace(place.data, nodes_root=TYPES) as client:
        number = client.runs.submit(text, launcher="docker")
        server = Server(place, point="before an end is cleaned up")
        assert server.ready() and server.dead(60)
        assert client.runs.get(number).state == "succeeded" and len(containers(tmp_path)) == 1
        server = Server(place)
        try:
            assert server.ready()
            until(lambda: not containers(tmp_path))
        finally:
            server.kill()
    assert place.executed() == [f"{number}/a/1"]
