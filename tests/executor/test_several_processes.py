"""Attempts that run in a process for each of their GPUs: one of them speaks, each may fail, all end together.

The GPUs are declared only: what is started, by accelerate, is the same.
"""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from executor.services.workspace import Workspace
from nodegraph.events import Artifact, Done, Log, Metric, decode
from tests.executor.support import gone, pipeline, run, states, until, workspace


def with_gpus(tmp_path: Path) -> Workspace:
    space = workspace(tmp_path)
    space.hosts.update("local", gpus=["8xA100:80"])
    return space


def test_the_first_speaks_for_all_and_whoever_fails_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHISPERED", "sk-canary-91")
    nodes = ("works", "refuses", "overflows", "is killed once")
    lines = "".join(
        f"{name.split()[-1]}: {{type: custom.several, resources: {{gpu: 2}}, params: {{second: {name}, "
        f"first_waits: {str(name in ('refuses', 'overflows')).lower()}, key: WHISPERED, "
        f"ledger: '{tmp_path / name.split()[-1]}'}}}}\n"
        for name in nodes
    )
    with with_gpus(tmp_path) as space:
        view = run(space, pipeline(lines), timeout=240)
        assert states(view) == {
            "works": "succeeded", "refuses": "failed", "overflows": "failed", "once": "succeeded"
        }  # fmt: skip
        errors = {name: node.error for name, node in view.nodes.items() if node.error}
        assert (errors["refuses"]["category"], errors["refuses"]["message"]) == ("input", "Line 3 is empty.")
        assert errors["overflows"]["category"] == "oom" and errors["overflows"]["hint"]
        assert view.nodes["once"].attempts == 2, "ended from outside, so it is tried again"
        first = space.runs.attempts(view.id, "once")[0]
        assert first.error and first.error["category"] == "infrastructure" and "SIGKILL" in str(first.error)
        directory = space.data_dir.attempt(view.id, "works", 1)
        found = [decode(line) for line in (directory / "events.jsonl").read_bytes().splitlines()]
        assert [type(event) for event in found] == [Log, Metric, Artifact, Done]
        assert space.runs.log(view.id, "works").count(b"process 0 has [secret]") == 1
        assert b"process 1" not in space.runs.log(view.id, "works")
        assert [path for path in directory.rglob("*") if "secrets" in path.name] == []


def test_a_cancelled_attempt_leaves_none_of_its_processes(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    params = f"{{first_waits: true, ledger: '{ledger}'}}"
    with with_gpus(tmp_path) as space:
        number = space.runs.submit(
            pipeline(f"a: {{type: custom.several, resources: {{gpu: 2}}, params: {params}}}")
        )
        until(lambda: ledger.exists() and len(ledger.read_text().splitlines()) == 2, 90)
        (first,) = (int(line.split()[1]) for line in ledger.read_text().splitlines() if line[0] == "0")
        process = psutil.Process(first)
        space.runs.cancel(number)
        view = space.runs.wait(number, 40)
        assert (view.state, states(view)) == ("cancelled", {"a": "cancelled"})
        assert gone(process)
        assert view.nodes["a"].error and view.nodes["a"].error["category"] == "cancelled"
