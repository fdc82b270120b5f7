"""How nodes end badly: categories with hints, time limits, cancelling the whole tree, secrets kept."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from nodegraph.errors import InvalidInput
from tests.executor.support import gone, pipeline, run, states, until, workspace


@pytest.mark.parametrize(
    ("how", "category", "message"),
    [
        ("input", "input", "Line 3"),
        ("bug", "node", "ValueError: a bug"),
        ("exit", "node", "status 7"),
        ("exit0", "node", "before it was done"),
        ("crash", "node", "SIGSEGV"),
        ("oom", "oom", "Out of memory"),
        ("import", "dependency", "a_library_that_is_not_there"),
        ("nothing", "node", "wrote nothing to its output text"),
        ("link", "node", "leads outside it: link"),
    ],
)
def test_a_failure_has_a_category_and_a_hint(tmp_path: Path, how: str, category: str, message: str) -> None:
    with workspace(tmp_path) as space:
        view = run(space, pipeline(f"a: {{type: custom.misbehave, params: {{how: {how}}}}}"))
        error = view.nodes["a"].error
        assert error and error["category"] == category and message in error["message"]
        assert error["hint"]
        assert view.nodes["a"].attempts == 1


def test_killed_from_outside_is_tried_again_without_spending_attempts(tmp_path: Path) -> None:
    text = "a: {{type: custom.misbehave, params: {{how: kill, times: {}}}}}"
    with workspace(tmp_path) as space:
        lucky = run(space, pipeline(text.format(2)))
        assert (lucky.state, lucky.nodes["a"].attempts) == ("succeeded", 3)
        unlucky = run(space, pipeline(text.format(50)))
        assert (unlucky.state, unlucky.nodes["a"].attempts) == ("failed", 3)
        error = unlucky.nodes["a"].error
        assert error and error["category"] == "infrastructure" and "SIGKILL" in error["message"]
        assert "run it again" in error["hint"], "nobody tries it again by itself any more"


def test_a_time_limit_ends_a_node(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        view = run(space, pipeline("a: {type: custom.make, params: {seconds: 60}, timeout: 500ms}"))
        error = view.nodes["a"].error
        assert error and error["category"] == "timeout" and "time limit" in error["message"]
        assert view.seconds is not None and view.seconds < 30


def test_cancel_ends_the_whole_tree_within_seconds(tmp_path: Path) -> None:
    for how in ("stubborn", "family"):
        pids = tmp_path / how
        text = pipeline(f"""
        a: {{type: custom.misbehave, params: {{how: {how}, pids: '{pids}'}}}}
        b: {{type: custom.make, inputs: {{after: a.text}}}}
        """)
        with workspace(tmp_path) as space:
            number = space.runs.submit(text)
            until(lambda pids=pids: pids.exists() and len(pids.read_text().split()) == 2)
            family = [psutil.Process(int(pid)) for pid in pids.read_text().split()]
            space.runs.cancel(number)
            view = space.runs.wait(number, 30)
            assert (view.state, states(view)) == ("cancelled", {"a": "cancelled", "b": "cancelled"})
            assert not [process for process in family if not gone(process)]
            assert view.nodes["a"].error and view.nodes["a"].error["category"] == "cancelled"
            assert space.runs.cancel(number).state == "cancelled", "a final state stays"


def test_cancel_while_a_node_waits(tmp_path: Path) -> None:
    text = pipeline("a: {type: custom.misbehave, params: {how: bug}, retry: {attempts: 5, delay: 1h}}")
    with workspace(tmp_path) as space:
        number = space.runs.submit(text)
        until(lambda: "attempt 1 failed" in space.runs.get(number).nodes["a"].reason)
        space.runs.cancel(number)
        assert space.runs.wait(number, 10).state == "cancelled"


def test_a41_a_secret_is_found_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    canary = "sk-canary-7f3a91"
    monkeypatch.setenv("WHISPERED", canary)
    text = pipeline("""
    named: {type: custom.whisper, params: {key: WHISPERED}}
    written: {type: custom.whisper, params: {header: "Bearer ${secrets.WHISPERED}"}}
    shouted: {type: custom.whisper, params: {key: WHISPERED, shout: true}}
    """)
    with workspace(tmp_path) as space:
        view = run(space, text)
        assert states(view) == {"named": "succeeded", "written": "succeeded", "shouted": "failed"}
        assert b"the key is [secret]" in space.runs.log(view.id, "named")
        assert b"the key is Bearer [secret]" in space.runs.log(view.id, "written")
        assert canary not in str(space.runs.result(view.id))
        assert [path for path in (tmp_path / "data").rglob("*") if holds(path, canary)] == []
        monkeypatch.setenv("WHISPERED", "another")
        assert states(run(space, text))["named"] == "cached", "the value is no part of the key"


def holds(path: Path, canary: str) -> bool:
    return path.is_file() and canary.encode() in path.read_bytes()


SECRETIVE = """
    written: {type: custom.whisper, params: {header: "Bearer ${secrets.NOT_SET}"}}
    named: {type: custom.whisper, params: {key: NOT_SET}}
"""


def test_a_secret_that_is_not_set_keeps_a_run_from_starting(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        with pytest.raises(InvalidInput) as refused:
            run(space, pipeline(SECRETIVE))
        assert {problem.node for problem in refused.value.problems} == {"written", "named"}
        assert all("NOT_SET is not set" in problem.message for problem in refused.value.problems)
        assert space.runs.list() == []
        space.secrets.set("NOT_SET", "now it is")
        assert run(space, pipeline(SECRETIVE)).state == "succeeded"
        assert (space.data_dir.secrets / "NOT_SET").stat().st_mode & 0o777 == 0o600
        assert space.secrets.names() == ["NOT_SET"]


def test_a_secret_that_is_gone_when_its_node_starts_is_an_input_failure(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        space.secrets.set("NOT_SET", "not for long")
        space.stop_engine()
        number = space.runs.submit(pipeline(SECRETIVE))
        space.secrets.remove("NOT_SET")
        space.start_engine()
        for node in space.runs.wait(number).nodes.values():
            assert node.error and node.error["category"] == "input"
            assert "NOT_SET is not set" in node.error["message"]
