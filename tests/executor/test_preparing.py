"""Attempts whose environment is being made: told, cancelled, taken up by the next engine."""

from __future__ import annotations

import threading
import time
from functools import cached_property
from pathlib import Path

import pytest

from executor.launchers.base import AttemptSpec, Launcher, LaunchError, Say
from executor.launchers.process import ProcessLauncher
from executor.services.workspace import Workspace
from nodegraph.errors import Category
from tests.executor.support import TOYS, pipeline, run, states, until, workspace

TEXT = pipeline("a: {type: custom.make}")


class SlowLauncher(ProcessLauncher):
    """Pulls an image, or so it says, until it is told that it is there."""

    there = threading.Event()

    def prepare(self, spec: AttemptSpec, say: Say) -> None:
        while not self.there.is_set():
            say("pulling layer 3 of 7")
            time.sleep(0.02)


class SlowSpace(Workspace):
    @cached_property
    def launchers(self) -> dict[str, Launcher]:
        return {"process": SlowLauncher(self.environments)}


def slow_space(tmp_path: Path) -> SlowSpace:
    SlowLauncher.there.clear()
    return SlowSpace(tmp_path / "data", engine=True, nodes_root=TOYS)


def test_f25_cancel_while_preparing_starts_nothing(tmp_path: Path) -> None:
    with slow_space(tmp_path) as space:
        number = space.runs.submit(TEXT)
        until(lambda: space.runs.get(number).nodes["a"].reason == "pulling layer 3 of 7")
        space.runs.cancel(number)
        assert states(space.runs.wait(number, 10)) == {"a": "cancelled"}
        assert not list(tmp_path.glob("data/runs/*/a/1/pid"))


def test_an_engine_that_stops_while_preparing_leaves_the_attempt_to_the_next(tmp_path: Path) -> None:
    with slow_space(tmp_path) as space:
        number = space.runs.submit(TEXT)
        until(lambda: "pulling" in space.runs.get(number).nodes["a"].reason)
        began = time.monotonic()
    assert time.monotonic() - began < 30
    with workspace(tmp_path) as space:
        view = space.runs.wait(number, 20)
        assert (states(view), view.nodes["a"].attempts) == ({"a": "succeeded"}, 1)


@pytest.mark.parametrize(
    ("category", "attempts"), [("image", 1), ("dependency", 1), ("infrastructure", 3)], ids=lambda x: str(x)
)
def test_f21_what_cannot_be_prepared_fails_with_its_reason(
    tmp_path: Path, category: Category, attempts: int
) -> None:
    class Failing(ProcessLauncher):
        def prepare(self, spec: AttemptSpec, say: Say) -> None:
            raise LaunchError(category, "There is no image nodegraph/base.", "Build it.")

    class Space(Workspace):
        @cached_property
        def launchers(self) -> dict[str, Launcher]:
            return {"process": Failing(self.environments)}

    with Space(tmp_path / "data", engine=True, nodes_root=TOYS) as space:
        view = run(space, TEXT)
        error = view.nodes["a"].error
        assert error == {
            "category": category,
            "message": "There is no image nodegraph/base.",
            "hint": "Build it.",
        }
        assert (view.state, view.nodes["a"].attempts) == ("failed", attempts)
