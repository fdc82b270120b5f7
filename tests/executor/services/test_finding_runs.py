"""Lists of runs: filters, counts, the latest of each pipeline; starting a kept pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from executor.database.tables import NodeRun, Run
from executor.services.workspace import Workspace
from nodegraph.errors import NotFound
from tests.executor.support import pipeline, run, text_of, workspace


def add(space: Workspace, *nodes: str, **fields: Any) -> int:
    """A run in the database as an engine may have left it, with nodes in these states."""
    row = Run.model_validate({"pipeline": "toy", "text": "", "base_dir": "/", "created": 1.0, **fields})
    with space.database.write() as session:
        session.add(row)
        session.flush()
        assert row.id is not None
        for position, state in enumerate(nodes):
            node = NodeRun(run_id=row.id, node=f"n{position}", position=position, type="custom.make")
            node.state, node.reason = state.partition(":")[::2]
            session.add(node)
    return row.id


def test_filters_of_the_list(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        space.pipelines.save(pipeline("a: {type: custom.make}", name="other", title="客服 100%"))
        one = add(space, state="succeeded", created=10.0)
        two = add(space, state="failed", trigger="api", created=20.0)
        three = add(space, state="cancelled", trigger="rerun", created=30.0, pipeline="other")

        def found(**wanted: Any) -> list[int]:
            ids = [view.id for view in space.runs.list(**wanted)]
            assert space.runs.count(**wanted) == len(ids)
            return ids

        assert found() == [three, two, one]
        assert found(pipeline="toy") == [two, one]
        assert found(state="failed") == [two]
        assert found(state=["failed", "cancelled"]) == [three, two]
        assert found(state=[]) == []
        assert found(trigger=["api", "rerun"], pipeline="toy") == [two]
        assert found(since=20.0) == [three, two]
        assert found(since=10.0, until=30.0) == [two, one]
        assert found(search="OTH") == [three]
        assert found(search="客服") == found(search="0%") == [three]
        assert found(search="%") == [three], "a percent sign is text"
        assert found(search=f" #{two} ") == found(search=str(two)) == [two]
        assert found(search="9" * 40) == []


def test_a_list_says_how_many_nodes_are_in_which_state(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        add(space, "succeeded", "cached", "cached", "skipped:not part of this run", "skipped:it is disabled")
        assert space.runs.list()[0].counts == {"succeeded": 1, "cached": 2, "skipped": 1}
        assert space.runs.get(1).counts == space.runs.list()[0].counts


def test_the_latest_run_of_each_pipeline(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        add(space, pipeline="a")
        latest = add(space, "running", pipeline="a", state="running")
        other = add(space, pipeline="b")
        found = space.runs.last_of(["a", "b", "never"])
        assert {name: view.id for name, view in found.items()} == {"a": latest, "b": other}
        assert found["a"].counts == {"running": 1}
        assert space.runs.last_of([]) == {}


def test_runs_in_numbers(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        empty = space.runs.statistics()
        assert (empty.runs, empty.running, empty.succeeded, empty.median_seconds) == (0, 0, None, None)
        add(space, "succeeded", "cached", state="succeeded", created=10.0, started=10.0, finished=20.0)
        add(space, "succeeded", "skipped", state="succeeded", created=20.0, started=20.0, finished=50.0)
        add(space, "cached", "cached", state="succeeded", created=30.0, started=30.0, finished=30.0)
        add(space, "failed", state="failed", created=40.0, started=40.0, finished=41.0)
        add(space, state="cancelled", created=50.0)
        add(space, "running", state="running", created=60.0, started=60.0)
        found = space.runs.statistics()
        assert (found.runs, found.running, found.succeeded) == (6, 1, 0.75)
        assert found.median_seconds == 20.0, "what came from the cache took no time of its own"
        assert found.cached == 3 / 5
        assert [point.cached for point in found.points] == [False, False, True, False, False, False]
        assert [point.seconds for point in found.points] == [10.0, 30.0, 0.0, 1.0, None, None]
        assert space.runs.statistics(since=20.0, until=40.0).runs == 2


def test_a_kept_pipeline_is_started_by_name(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        (space.data_dir.root / "beside.txt").write_text("found")
        space.pipelines.save(pipeline("a: {type: custom.read, params: {source: beside.txt}}"))
        space.pipelines.save(pipeline("a: {type: custom.make, params: {text: two}}"))
        first = space.runs.wait(space.runs.start("toy", 1), 60)
        assert (first.version, first.state, text_of(first, "a")) == (1, "succeeded", "found")
        latest = space.runs.wait(space.runs.start("toy", params=None, trigger="api"), 60)
        assert (latest.version, latest.trigger, text_of(latest, "a")) == (2, "api", "two")
        with pytest.raises(NotFound, match="no version 7"):
            space.runs.start("toy", 7)
        assert run(space, space.runs.text(latest.id)).version is None
