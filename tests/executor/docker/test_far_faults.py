"""Servers that are killed while nodes run on another host, hosts that go away and come back.

F… are the names in the list of faults.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from executor.launchers.docker.engine import DockerEngine
from executor.launchers.docker.streaming.volume import Volume
from executor.services.workspace import Workspace
from tests.executor.docker.far import files, go_on, only_far, running_there, there, volume
from tests.executor.docker.own_engine import OwnEngine, needs_dockerd
from tests.executor.docker.support import HELD, WRITE, attempt_error, logged, real, server, shell, submit
from tests.executor.support import kill, until

pytestmark = [pytest.mark.docker, needs_dockerd]
UNKNOWN = (
    "The host gpu2 does not answer; what runs there is unknown until it does. Look at the host gpu2: is it "
    "up, and does its Docker engine run? What runs there goes on."
)


def killed_server(tmp_path: Path, far: OwnEngine, script: str, **more: object) -> dict:
    """A server started the container there, and was killed with it running; the container."""
    with real(tmp_path, engine=False) as client:
        only_far(client, far)
    one = server(tmp_path)
    try:
        with real(tmp_path, engine=False) as client:
            submit(client, shell(script, **more))
        logged(tmp_path, "waiting")
        return running_there(tmp_path, far)
    finally:
        kill(one)


def test_f1_f2_a_node_there_outlives_the_server(tmp_path: Path, far: OwnEngine) -> None:
    """It is found again by the next server; it ends while there is none, and its log is whole."""
    container = killed_server(tmp_path, far, f"{HELD}; {WRITE}")
    with real(tmp_path) as space:
        until(lambda: _node(space).state == "running")
        assert running_there(tmp_path, far)["Id"] == container["Id"]
    go_on(tmp_path, far)
    exit_file = volume(tmp_path, far) / "runs/1/a/1/returned/exit"
    until(exit_file.exists)
    ended = exit_file.stat().st_mtime
    until(lambda: time.time() > ended + 7)  # long enough to count as unwatched
    with real(tmp_path) as space:
        view = space.runs.wait(1, 120)
        assert (view.state, view.nodes["a"].attempts) == ("succeeded", 1), view.nodes["a"].error
        (attempt,) = space.runs.attempts(1, "a")
        assert attempt.finished == pytest.approx(ended, abs=1.5), "the time until we looked costs nothing"
        assert Path(view.nodes["a"].outputs["text"].path, "t").read_text() == "done\n"
        assert (tmp_path / "data/runs/1/a/1/log").read_text() == "waiting\non\n"
        until(lambda: not there(tmp_path, far))


def test_f3_f13_it_fails_or_is_removed_while_the_server_is_down(tmp_path: Path, far: OwnEngine) -> None:
    """The checkpoints of the attempt that failed are there for the one that follows it."""
    keep = "cat $NODEGRAPH_RESUME/step 2>/dev/null; echo seven >$NODEGRAPH_RESUME/step"
    container = killed_server(tmp_path, far, f"{keep}; {HELD}; {WRITE}", retry={"attempts": 2, "delay": "1s"})
    DockerEngine(far.address).remove(container["Id"])
    with real(tmp_path) as space:
        log = logged(tmp_path, "waiting", attempt=2)
        assert log.read_text() == "seven\nwaiting\n"
        assert "removed" in attempt_error(space, 1)
        go_on(tmp_path, far, "1/a/2")
        view = space.runs.wait(1, 120)
        assert (view.state, view.nodes["a"].attempts) == ("succeeded", 2), view.nodes["a"].error
        # What succeeded needs no checkpoints any more, here or there.
        until(lambda: not list(volume(tmp_path, far).glob("resume/*")))


def test_f3_checkpoints_that_take_long_to_come_are_not_removed_there(
    tmp_path: Path, far: OwnEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attempt is put away while its checkpoints are still to be fetched."""
    fetch = Volume.get

    def fetched_late(self: Volume, path: str, unpack: Callable[[Iterator[bytes]], None]) -> bool:
        if "resume" in path:
            until(lambda: not (volume(tmp_path, far) / "runs/1/a/1").exists())
        return fetch(self, path, unpack)

    monkeypatch.setattr(Volume, "get", fetched_late)
    again = f"if [ -e $NODEGRAPH_RESUME/step ]; then {WRITE}; exit; fi"
    script = f"{again}; echo seven >$NODEGRAPH_RESUME/step; exit 3"
    with real(tmp_path) as space:
        only_far(space, far)
        submit(space, shell(script, retry={"attempts": 2, "delay": "1s"}))
        view = space.runs.wait(1, 120)
        assert (view.state, view.nodes["a"].attempts) == ("succeeded", 2), view.nodes["a"].error


def test_f3_checkpoints_that_cannot_come_home_wait_on_their_host(tmp_path: Path, far: OwnEngine) -> None:
    """A pipe among them is not taken. The next attempt there goes on from the rest, unless from nothing."""
    keep = "cat step 2>/dev/null || echo nothing; echo seven >step; rm -f pipe; mkfifo pipe; ls -A; exit 3"
    with real(tmp_path) as space:
        only_far(space, far)
        logs = []
        for use_cache in (True, True, False):
            number = submit(space, shell(f"cd $NODEGRAPH_RESUME; {keep}"), use_cache=use_cache)
            assert space.runs.wait(number, 120).state == "failed"
            logs.append(space.runs.log(number, "a").decode())
    assert logs == ["nothing\npipe\nstep\n", "seven\npipe\nstep\n", "nothing\npipe\nstep\n"]


def test_f19_a_container_removed_by_an_outsider_is_noticed(tmp_path: Path, far: OwnEngine) -> None:
    with real(tmp_path) as space:
        only_far(space, far)
        submit(space, shell(f"{HELD}; {WRITE}"))
        logged(tmp_path, "waiting")
        DockerEngine(far.address).remove(running_there(tmp_path, far)["Id"])
        logged(tmp_path, "waiting", attempt=2)
        go_on(tmp_path, far, "1/a/2")
        view = space.runs.wait(1, 120)
        assert (view.state, view.nodes["a"].attempts) == ("succeeded", 2)
        assert "container was removed" in attempt_error(space, 1)


def test_f22_f24_memory_and_time_run_out_there(tmp_path: Path, far: OwnEngine) -> None:
    hungry = "python -c 'x = bytearray(500 << 20)'"
    with real(tmp_path) as space:
        only_far(space, far)
        first = submit(space, shell(hungry, resources={"memory_gb": 0.125}))
        second = submit(space, shell("trap '' TERM; echo kept; sleep 600", timeout="5s"))
        error = space.runs.wait(first, 120).nodes["a"].error
        assert error and (error["category"], error["message"]) == ("oom", "The container ran out of memory.")
        error = space.runs.wait(second, 120).nodes["a"].error
        assert error and error["category"] == "timeout", error
        assert (tmp_path / f"data/runs/{second}/a/1/log").read_text() == "kept\n"
        until(lambda: not there(tmp_path, far))


def test_f27_a_host_that_goes_away_and_comes_back(tmp_path: Path, far: OwnEngine) -> None:
    """What runs there is unknown meanwhile, and nothing is started anew; then it goes on as ever."""
    with real(tmp_path) as space:
        only_far(space, far)
        number = submit(space, shell(f"{HELD}; {WRITE}"))
        logged(tmp_path, "waiting")
        container = running_there(tmp_path, far)
        mounted = volume(tmp_path, far)
        far.freeze()
        try:
            until(lambda: _node(space).reason == UNKNOWN)
            assert _node(space).state == "running"
            assert _node(space).error["category"] == "infrastructure"
            # It ends while nobody can know.
            (mounted / "runs/1/a/1/scratch/go").touch()
            until(lambda: (mounted / "runs/1/a/1/returned/exit").exists())
            assert (_node(space).state, _node(space).attempts) == ("running", 1)
            queued = submit(space, shell("true"))
            until(lambda: "does not answer" in space.runs.get(queued).nodes["a"].reason)
            assert space.runs.get(queued).nodes["a"].error["category"] == "infrastructure"
        finally:
            far.thaw()
        view = space.runs.wait(number, 120)
        assert view.nodes["a"].error is None
        assert (view.state, view.nodes["a"].attempts, view.nodes["a"].reason) == ("succeeded", 1, "")
        assert (tmp_path / "data/runs/1/a/1/log").read_text() == "waiting\non\n"
        until(lambda: container["Name"] not in [one["Name"] for one in there(tmp_path, far)])
        assert space.runs.wait(queued, 120).final


def test_f27_a_time_limit_runs_out_while_the_host_is_away(tmp_path: Path, far: OwnEngine) -> None:
    """It may not be tried again elsewhere before it is known to have ended."""
    with real(tmp_path) as space:
        only_far(space, far)
        number = submit(
            space, shell("echo waiting; sleep 600", timeout="15s", retry={"attempts": 1, "delay": "1s"})
        )
        logged(tmp_path, "waiting")
        (attempt,) = space.runs.attempts(number, "a")
        far.freeze()
        try:
            until(lambda: _node(space).reason == UNKNOWN)
            until(lambda: time.time() > attempt.started + 18)
            assert (_node(space).state, _node(space).attempts) == ("running", 1)
        finally:
            far.thaw()
        error = space.runs.wait(number, 120).nodes["a"].error
        assert error and error["category"] == "timeout"


def test_f27_a_cancel_is_final_while_the_host_is_away(tmp_path: Path, far: OwnEngine) -> None:
    """The container is removed when the host is back, by the server that then is there."""
    with real(tmp_path) as space:
        only_far(space, far)
        number = submit(space, shell("echo waiting; sleep 600"))
        logged(tmp_path, "waiting")
        mounted = volume(tmp_path, far)
        far.freeze()
        try:
            until(lambda: _node(space).reason == UNKNOWN)
            space.runs.cancel(number)
            assert space.runs.wait(number, 120).state == "cancelled"
        finally:
            far.thaw()
        until(lambda: not there(tmp_path, far))
        until(lambda: not (mounted / "runs/1").exists())


def test_a_cancel_does_not_wait_for_outputs_that_come_home(tmp_path: Path, far: OwnEngine) -> None:
    with real(tmp_path) as space:
        only_far(space, far)
        number = submit(space, shell("echo made; truncate -s 100G $NODEGRAPH_OUTPUT_TEXT/t"))
        arriving = tmp_path / "data/runs/1/a/1/arriving"
        until(lambda: (arriving / "text").exists(), 60)
        space.runs.cancel(number)
        assert space.runs.wait(number, 120).state == "cancelled"
        assert (arriving.parent / "log").read_text() == "made\n"
        until(lambda: not there(tmp_path, far))
        until(lambda: not (volume(tmp_path, far) / "runs/1").exists())
        assert not list(arriving.iterdir())


def test_what_was_on_its_way_when_the_server_was_killed_counts_for_nothing(
    tmp_path: Path, far: OwnEngine
) -> None:
    with real(tmp_path) as space:
        only_far(space, far)
        assert space.runs.wait(submit(space, shell(WRITE)), 60).state == "succeeded"
        half = volume(tmp_path, far) / "incoming" / "0123"
        half.mkdir()
        (half / "t").write_text("half")
    with real(tmp_path) as space:
        assert space.runs.wait(submit(space, shell(f"{WRITE}; : again")), 60).state == "succeeded"
        assert not half.exists() and files(space).sent == 0


def _node(space: Workspace):
    return space.runs.get(1).nodes["a"]
