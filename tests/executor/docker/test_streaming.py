"""A host that shares no files with this machine: what nodes read is sent there, what they write comes home.

The engine is the usual one; that it shares files is not used.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from executor.launchers.docker.streaming.remote import Remote
from executor.services.workspace import Workspace
from tests.executor.docker.support import nothing_is_left, run, toys
from tests.executor.support import pipeline, states, text_of

pytestmark = pytest.mark.docker


def streamed(space: Workspace) -> Workspace:
    """From now on nothing is shared with the engine of this machine."""
    space.hosts.update("local", files="streamed", check=False)
    return space


def remote(space: Workspace, host: str = "local") -> Remote:
    return space.docker_fleet._on(host)._remote


def test_a_pipeline_runs_where_no_files_are_shared(tmp_path: Path, base_image: str) -> None:
    text = pipeline("""
    a: {type: custom.make, params: {text: hello}}
    b: {type: custom.make, params: {text: " world"}, inputs: {after: a.text}}
    """)
    with toys(tmp_path) as space:
        streamed(space)
        view = run(space, text)
        assert states(view) == {"a": "succeeded", "b": "succeeded"}, view.nodes["a"].error
        assert text_of(view, "b") == "hello world"
        assert view.nodes["b"].metrics == {"length": 6.0}
        assert states(run(space, text)) == {"a": "cached", "b": "cached"}
    nothing_is_left(tmp_path)
