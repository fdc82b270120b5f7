"""What a run may be told: when to start, how long to take, how often to try again, how many at once."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from executor.cli.main import main
from nodegraph.errors import InvalidInput
from nodegraph.format import dump, load
from tests.executor.forking import Forked
from tests.executor.support import TOYS, pipeline, states, until, workspace
from tests.executor.test_queue import hold

QUICK = pipeline("a: {type: custom.make}")


def test_a_delayed_run_starts_at_its_time_and_not_before(tmp_path: Path) -> None:
    when = time.time() + 3
    with workspace(tmp_path) as space:
        run = space.runs.submit(QUICK, not_before=when)
        other = space.runs.submit(QUICK, not_before=when + 3600)
        later = time.strftime("%H:%M", time.localtime(when + 3600))
        until(lambda: space.runs.get(other).reason == f"starts at {later}")
        assert [one.position for one in space.queue.waiting()] == [None, None]
    with workspace(tmp_path) as space:
        view = space.runs.wait(run, 30)
        assert view.state == "succeeded" and (view.started or 0) >= when and view.reason == ""
        assert space.runs.get(other).state == "queued"
        space.runs.cancel(other)
        assert space.runs.wait(other, 10).state == "cancelled"
        again = space.runs.get(space.runs.rerun(other))
        assert again.not_before is None


def test_a_run_whose_time_is_over_is_stopped_and_fails(tmp_path: Path) -> None:
    text = pipeline("""
    a: {type: custom.make, params: {seconds: 60}, retry: {attempts: 3}}
    b: {type: custom.make, inputs: {after: a.text}}
    """)
    with workspace(tmp_path) as space:
        view = space.runs.wait(space.runs.submit(text, time_limit=2.0), 30)
        assert view.state == "failed"
        assert states(view) == {"a": "failed", "b": "skipped"}
        a = view.nodes["a"]
        assert a.attempts == 1 and a.error
        assert (a.error["category"], a.error["message"]) == (
            "timeout",
            "The run's time limit of 2 s ran out.",
        )
        assert view.nodes["b"].reason == "The run's time limit of 2 s ran out."


def test_a_time_limit_ran_out_while_no_server_was_there(tmp_path: Path) -> None:
    text = pipeline("""
    a: {type: custom.make, params: {seconds: 1}}
    b: {type: custom.make, inputs: {after: a.text}}
    """)
    with workspace(tmp_path) as space:
        run = space.runs.submit(text, time_limit=1.5)
        until(lambda: space.runs.get(run).state == "running")
    time.sleep(2)
    with workspace(tmp_path) as space:
        view = space.runs.wait(run, 20)
        assert view.state == "failed" and view.nodes["b"].state == "skipped"


def unlucky(times: int) -> str:
    """A node that is killed from outside so often; the engine itself tries three times."""
    return pipeline(f"a: {{type: custom.misbehave, params: {{how: kill, times: {times}}}}}")


def test_a_run_that_infrastructure_failed_is_submitted_again(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        run = space.runs.submit(unlucky(3), resubmits=2, user="ann", priority=3, time_limit=600.0)
        assert space.runs.wait(run, 30).state == "failed"
        until(lambda: space.runs.count() == 2)
        again = space.runs.wait(run + 1, 30)
        assert (again.state, again.trigger, again.rerun_of) == ("succeeded", "rerun", run)
        assert (again.user, again.priority, again.time_limit) == ("ann", 3, 600.0)


def test_a_run_that_fails_by_itself_is_not_submitted_again(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        bug = space.runs.submit(pipeline("a: {type: custom.misbehave, params: {how: bug}}"), resubmits=2)
        assert space.runs.wait(bug, 30).state == "failed"
    with workspace(tmp_path) as space:
        assert space.runs.wait(space.runs.submit(QUICK), 30).state == "succeeded"
        assert space.runs.count() == 2


KILLED = """
import os, signal, sys
from pathlib import Path
from executor.services import runs
from executor.services.workspace import Workspace

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
point = sys.argv[3]
submit = runs.Runs._submit
runs.Runs._submit = lambda self, asked: (submit(self, asked) if point == "after" else None, die())
with Workspace(Path(sys.argv[1]), engine=True, cores=4, nodes_root=Path(sys.argv[2])) as space:
    space.runs.wait(1)
    import time
    time.sleep(30)
"""


@pytest.mark.parametrize("point", ["before", "after"])
def test_a_kill_around_the_resubmission_leaves_exactly_one(tmp_path: Path, point: str) -> None:
    with workspace(tmp_path, engine=False) as client:
        client.runs.submit(unlucky(3), resubmits=1)
    assert Forked(KILLED, str(tmp_path / "data"), str(TOYS), point).wait(60) == -signal.SIGKILL
    with workspace(tmp_path) as space:
        until(lambda: space.runs.count() == 2)
        assert space.runs.wait(2, 30).state == "succeeded"
    with workspace(tmp_path) as space:
        assert space.runs.wait(space.runs.submit(QUICK), 30).state == "succeeded"
        assert [view.rerun_of for view in space.runs.list()] == [None, 1, None]


def test_at_most_so_many_runs_of_a_pipeline_at_once(tmp_path: Path) -> None:
    def text(name: str) -> str:
        go = str(tmp_path / "go") if name in ("n0", "n1") else ""
        return hold(tmp_path, name, 0.8, go).replace("name: toy", "name: toy\nconcurrency: 2")

    with workspace(tmp_path, cores=8) as space:
        runs = [space.runs.submit(text(f"n{index}")) for index in range(2)]
        until(lambda: all(space.runs.get(run).state == "running" for run in runs))
        runs += [space.runs.submit(text(f"n{index}")) for index in (2, 3)]
        urgent = space.runs.submit(text("urgent"), priority=5)
        free = space.runs.submit(hold(tmp_path, "free").replace("name: toy", "name: other"))
        until(lambda: "waits for run" in space.runs.get(runs[3]).reason)
        assert space.runs.get(runs[3]).reason.endswith("at most 2 runs of this pipeline at once")
        assert space.runs.wait(free, 60).state == "succeeded", "others are not held up"
        (tmp_path / "go").touch()
        views = [space.runs.wait(run, 60) for run in (*runs, urgent)]
        assert {view.state for view in views} == {"succeeded"} and {view.concurrency for view in views} == {2}
        order = sorted(views, key=lambda view: view.started or 0)
        assert [view.id for view in order[2:]] == [urgent, runs[2], runs[3]]
        for view in views:
            at_once = [o for o in views if (o.started or 0) <= (view.started or 0) < (o.finished or 0)]
            assert len(at_once) <= 2


def test_concurrency_is_a_key_of_the_file() -> None:
    loaded = load("nodegraph: 1\nname: a\ntags: [x]\nconcurrency: 2\nparameters: {}\nnodes: {}\n")
    assert loaded.pipeline and loaded.pipeline.concurrency == 2
    assert dump(loaded.pipeline) == "nodegraph: 1\nname: a\ntags: [x]\nconcurrency: 2\n"
    (wrong,) = load("nodegraph: 1\nname: a\nconcurency: 2\n").problems
    assert (wrong.code, wrong.hint) == ("unknown-key", "Did you mean concurrency?")
    assert load("nodegraph: 1\nname: a\nconcurrency: 0\n").problems[0].code == "bad-value"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"priority": 1000}, "The priority cannot be 1000."),
        ({"resubmits": -1}, "A run cannot be submitted again -1 times."),
        ({"time_limit": 0.0}, "A time limit must be longer than nothing."),
        ({"not_before": 1e300}, "A run cannot start at that time."),
    ],
)
def test_options_that_make_no_sense_are_refused(tmp_path: Path, options: dict[str, float], said: str) -> None:
    with workspace(tmp_path, engine=False) as space, pytest.raises(InvalidInput) as refused:
        space.runs.submit(QUICK, **options)
    assert refused.value.message == said


def test_the_command_line_takes_the_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"text": "hello"}\n' * 3)
    file = tmp_path / "p.yaml"
    file.write_text(pipeline("load: {type: preprocess.load, params: {source: rows.jsonl}}"))
    data = ["--data-dir", str(tmp_path / "data")]
    words = ["--priority", "4", "--at", "+1s", "--time-limit", "6h", "--resubmit", "2"]
    assert main(["run", str(file), *words, "--json", *data]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "succeeded"
    with workspace(tmp_path, engine=False) as space:
        view = space.runs.get(1)
        assert (view.priority, view.time_limit, view.user) == (
            4,
            21600.0,
            os.environ.get("USER") or view.user,
        )
        assert view.user and view.not_before and (view.started or 0) >= view.not_before
        space.runs.submit(QUICK, not_before=time.time() + 9000, user="ann")
    assert main(["queue", "--json", *data]) == 0
    (waiting,) = json.loads(capsys.readouterr().out)["waiting"]
    assert (waiting["run"], waiting["user"], waiting["node"]) == (2, "ann", None)
    assert main(["queue", *data]) == 0
    assert "toy" in capsys.readouterr().out
    assert main(["run", str(file), "--at", "soon", *data]) == 2
    assert main(["run", str(file), "--time-limit", "long", *data]) == 2
