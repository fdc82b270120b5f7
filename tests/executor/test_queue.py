"""Who goes first: priorities, users, large and small requests; GPUs that nobody shares; what is told."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from executor.database.tables import Attempt, Host
from executor.services.workspace import Workspace
from tests.benchmarks.noop_launcher import NoopLauncher
from tests.executor.support import engine_process, kill, pipeline, until, workspace


def with_gpus(tmp_path: Path, count: int, **row: Any) -> None:
    """Declare GPUs of this machine, as a person does with `nodegraph hosts`."""
    gpus = [{"index": index, "kind": "A100"} for index in range(count)]
    with workspace(tmp_path, engine=False) as client, client.database.write() as session:
        session.merge(Host(name="local", gpus=gpus, created=time.time(), **row))


def change_host(space: Workspace, **changes: Any) -> None:
    """Say something else of this machine."""
    with space.database.write() as session:
        row = session.get(Host, "local") or Host(name="local", created=time.time())
        for name, value in changes.items():
            setattr(row, name, value)
        session.add(row)


def hold(tmp_path: Path, name: str, seconds: float = 0.2, go: str = "", **resources: Any) -> str:
    """A pipeline of one node that holds these resources for a while, and until there is a file `go`."""
    asked = {"memory_gb": 0.1, **resources}
    params = {"ledger": str(tmp_path / "ledger"), "name": name, "seconds": seconds, "go": go}
    node = {"type": "custom.hold", "params": params, "resources": asked}
    return pipeline(f"{name}: {json.dumps(node)}")


def held(tmp_path: Path) -> list[dict[str, Any]]:
    """What the nodes held, in the order in which they began."""
    lines = (tmp_path / "ledger").read_text().splitlines()
    return sorted((json.loads(line) for line in lines), key=lambda one: float(one["from"]))


def starts(space: Workspace, runs: list[int]) -> list[int]:
    """The runs in the order in which their attempts were begun."""
    for run in runs:
        assert space.runs.wait(run, 60).state == "succeeded"
    with space.database.read() as session:
        begun = {run: session.get(Attempt, (run, *space.runs.get(run).nodes, 1)) for run in runs}
    return sorted(runs, key=lambda run: begun[run].created if begun[run] else 0.0)


def reason(space: Workspace, run: int, node: str) -> str:
    return space.runs.get(run).nodes[node].reason


def assert_apart(intervals: list[dict[str, Any]]) -> None:
    """No GPU was held by two nodes at a time."""
    for index, one in enumerate(intervals):
        for other in intervals[index + 1 :]:
            shared = set(one["gpus"].split(",")) & set(other["gpus"].split(","))
            assert not shared or one["to"] <= other["from"], (one, other)


def test_f28_runs_never_share_a_gpu(tmp_path: Path) -> None:
    with_gpus(tmp_path, 2)
    with workspace(tmp_path, cores=8) as space:
        # What counts is the host: another launcher on it has the same GPUs.
        space.launchers["docker"] = space.launchers["process"]
        for index, gpus in enumerate((1, 2, 1, 1, 2, 1)):
            launcher = "docker" if index % 2 else "process"
            space.runs.submit(hold(tmp_path, f"n{index}", gpu=gpus), launcher=launcher)
        for run in range(1, 7):
            assert space.runs.wait(run, 60).state == "succeeded"
    found = held(tmp_path)
    assert [len(one["gpus"].split(",")) for one in sorted(found, key=lambda one: one["name"])] == [
        1, 2, 1, 1, 2, 1,
    ]  # fmt: skip
    assert_apart(found)


def test_f28_a_gpu_is_not_shared_after_a_restart(tmp_path: Path) -> None:
    with_gpus(tmp_path, 1)
    server = engine_process(tmp_path)
    with workspace(tmp_path, engine=False) as client:
        first = client.runs.submit(hold(tmp_path, "first", go=str(tmp_path / "go"), gpu=1))
        until(lambda: client.runs.get(first).nodes["first"].state == "running")
        until(lambda: client.runs.attempts(first, "first")[0].state == "running")
        kill(server)
        second = client.runs.submit(hold(tmp_path, "second", gpu=1), priority=5)
        # Whatever is said of the host meanwhile: the GPU is held until the node has ended.
        change_host(client, gpus=[{"index": 0, "kind": "A100", "memory_gb": 80.0}], labels=["new"])
    with workspace(tmp_path) as space:
        until(lambda: "position 1" in reason(space, second, "second"))
        assert reason(space, second, "second") == "waiting for 1 GPU, position 1"
        (tmp_path / "go").touch()
        assert space.runs.wait(second, 60).state == space.runs.wait(first, 60).state == "succeeded"
    assert_apart(held(tmp_path))
    assert [one["name"] for one in held(tmp_path)] == ["first", "second"]


def test_f29_a_request_that_is_possible_waits_and_says_for_what(tmp_path: Path) -> None:
    with_gpus(tmp_path, 1, labels=["big"])
    with workspace(tmp_path) as space:
        first = space.runs.submit(hold(tmp_path, "first", go=str(tmp_path / "go"), gpu=1))
        until(lambda: space.runs.get(first).state == "running")
        texts = [
            hold(tmp_path, "second", gpu=1, gpu_kind="A100"),
            hold(tmp_path, "third", gpu=1, host="big"),
            hold(tmp_path, "fourth", cpu=4),
        ]
        runs = [space.runs.submit(text) for text in texts]
        until(lambda: [one.wants != "" for one in space.queue.waiting()] == [True] * 3)
        assert [(one.run, one.node, one.position, one.wants) for one in space.queue.waiting()] == [
            (runs[0], "second", 1, "1×A100"),
            (runs[1], "third", 2, "1 GPU on hosts labelled big"),
            (runs[2], "fourth", 3, "4 cores and 0.1 GB"),
        ]
        assert [one.reason for one in space.queue.waiting()] == [
            "waiting for 1×A100, position 1",
            "waiting for 1 GPU on hosts labelled big, position 2",
            "waiting for 4 cores and 0.1 GB, position 3",
        ]
        assert space.runs.get(runs[0]).state == "queued", "nothing of it has started"
        assert space.queue.length() == 3 and (space.queue.oldest() or 0) > time.time() - 30
        with workspace(tmp_path, engine=False) as other:
            assert [one.node for one in other.queue.waiting()] == ["second", "third", "fourth"]
        (tmp_path / "go").touch()
        assert starts(space, runs) == runs
        assert space.queue.waiting() == [] and space.queue.oldest() is None


def test_higher_priorities_go_first(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False, cores=1) as space:
        runs = [
            space.runs.submit(hold(tmp_path, f"n{index}", 0.0), priority=priority)
            for index, priority in enumerate((0, -1, 7, 0))
        ]
        space.start_engine()
        assert starts(space, runs) == [runs[2], runs[0], runs[3], runs[1]]


def test_users_take_turns(tmp_path: Path) -> None:
    with workspace(tmp_path, cores=2) as space:
        first = space.runs.submit(hold(tmp_path, "first", 120.0, cpu=2), user="eve")
        until(lambda: space.runs.get(first).state == "running")
        users = ("ann", "ann", "ann", "ann", "bob", "bob")
        go = [tmp_path / f"go-{index}" for index in range(6)]
        runs = [
            space.runs.submit(hold(tmp_path, f"n{index}", go=str(go[index])), user=user)
            for index, user in enumerate(users)
        ]
        until(
            lambda: all(reason(space, run, f"n{index}").startswith("wait") for index, run in enumerate(runs))
        )
        space.runs.cancel(first)
        # Each place that becomes free is for who has none then.
        for ended, next_ in ((None, 0), (None, 4), (0, 1), (4, 5), (1, 2)):
            if ended is not None:
                go[ended].touch()
            until(lambda: space.runs.get(runs[next_]).state == "running")  # noqa: B023 - called at once
        for file in go:
            file.touch()
        assert [runs.index(run) for run in starts(space, runs)] == [0, 4, 1, 5, 2, 3]


def test_a_large_request_is_not_starved_by_small_ones(tmp_path: Path) -> None:
    with_gpus(tmp_path, 4)
    with workspace(tmp_path, cores=16) as space:
        go = [tmp_path / f"go-{index}" for index in range(4)]
        before = [
            space.runs.submit(hold(tmp_path, f"b{index}", go=str(file), gpu=1))
            for index, file in enumerate(go)
        ]
        until(lambda: all(space.runs.get(run).state == "running" for run in before))
        large = space.runs.submit(hold(tmp_path, "large", gpu=4))
        after = [space.runs.submit(hold(tmp_path, f"a{index}", gpu=1)) for index in range(4)]
        for file, run in zip(go, before, strict=True):
            file.touch()
            assert space.runs.wait(run, 60).state == "succeeded"
        order = starts(space, [*before, large, *after])
        assert order[4] == large, "GPUs that became free were kept for it"
        assert order[5:] == after
    assert_apart(held(tmp_path))


def test_a_node_without_gpu_passes_one_that_waits_for_a_gpu(tmp_path: Path) -> None:
    with_gpus(tmp_path, 1)
    with workspace(tmp_path, cores=3) as space:
        busy = space.runs.submit(hold(tmp_path, "busy", 30.0, gpu=1, cpu=2))
        until(lambda: space.runs.get(busy).state == "running")
        blocked = space.runs.submit(hold(tmp_path, "blocked", gpu=1, cpu=3))
        small = space.runs.submit(hold(tmp_path, "small", cpu=1))
        # `busy` gives two cores back when it ends; the third one is kept for `blocked`.
        until(lambda: reason(space, small, "small") == "waiting for 1 core and 0.1 GB, position 2")
        assert reason(space, blocked, "blocked") == "waiting for 1 GPU, position 1"
        space.runs.cancel(blocked)
        again = space.runs.submit(hold(tmp_path, "again", gpu=1, cpu=2))
        passing = space.runs.submit(hold(tmp_path, "passing", cpu=1))
        for run in (small, passing):
            assert space.runs.wait(run, 30).state == "succeeded", "it takes nothing that `again` needs"
        until(lambda: reason(space, again, "again") == "waiting for 1 GPU, position 1")
        assert space.runs.get(busy).state == "running"
        space.runs.cancel(busy)
        assert space.runs.wait(again, 30).state == "succeeded"


def test_a_drained_host_gets_nothing_new(tmp_path: Path) -> None:
    with_gpus(tmp_path, 1)
    with workspace(tmp_path) as space:
        first = space.runs.submit(hold(tmp_path, "first", go=str(tmp_path / "go")))
        until(lambda: space.runs.get(first).state == "running")
        change_host(space, draining=True)
        space.inventory.refresh()
        second = space.runs.submit(hold(tmp_path, "second"))
        until(lambda: reason(space, second, "second") == "every host that could run it is drained")
        (tmp_path / "go").touch()
        assert space.runs.wait(first, 30).state == "succeeded", "what runs there ends there"
        assert space.runs.get(second).state == "queued"
        change_host(space, draining=False)
        assert space.runs.wait(second, 30).state == "succeeded"


def test_a_request_that_becomes_impossible_waits_with_the_explanation(tmp_path: Path) -> None:
    with_gpus(tmp_path, 2)
    with workspace(tmp_path, engine=False) as space:
        run = space.runs.submit(hold(tmp_path, "two", gpu=2))
        change_host(space, gpus=[{"index": 0, "kind": "T4"}])
        space.inventory.refresh()
        space.start_engine()
        until(lambda: reason(space, run, "two"))
        assert reason(space, run, "two") == (
            "No host has 2 GPUs. The largest, local, has 1×T4: ask for fewer, or add a larger host."
        )
        change_host(space, gpus=[{"index": 0, "kind": "T4"}, {"index": 1, "kind": "T4"}])
        assert space.runs.wait(run, 30).state == "succeeded"


def test_f47_a_thousand_queued_runs_end_first_in_first_out(tmp_path: Path) -> None:
    # Real engine, database and store; only the launcher starts nothing: a thousand processes take minutes.
    types = Path(__file__).parents[1] / "benchmarks" / "types"
    count = 1000
    with Workspace(tmp_path / "data", nodes_root=types, cores=16) as space:
        space.launchers["noop"] = NoopLauncher()
        for number in range(count):
            node = f"a: {{type: custom.noop, params: {{number: {number}}}, resources: {{cpu: 1}}}}"
            limited = number % 10 == 0
            text = pipeline(node, "few", concurrency=2) if limited else pipeline(node, "many")
            space.runs.submit(text, launcher="noop")
        space.start_engine()
        until(lambda: space.runs.count(state="succeeded") == count, 240)
        runs = space.runs.list(limit=count)[::-1]
        assert space.database.integrity() == "ok"
    few = [run for run in runs if run.pipeline == "few"]
    for found in (few, [run for run in runs if run.pipeline == "many"]):
        started = [run.started or 0.0 for run in found]
        assert started == sorted(started), "first in, first out"
    active = 0
    for _, step in sorted(change for run in few for change in ((run.started, 1), (run.finished, -1))):
        active += step
        assert active <= 2, "the concurrency limit held"
