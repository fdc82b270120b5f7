"""The facts of a run: who started it, since when it waits or runs."""

from __future__ import annotations

import time
from pathlib import Path

from tests.executor.support import pipeline, run, workspace
from ui.runs.facts import run_facts


def test_a_run_says_who_started_it_and_that_it_waits(tmp_path: Path) -> None:
    text = pipeline("a: {type: custom.make}")
    with workspace(tmp_path) as space:
        later = space.runs.get(space.runs.submit(text, user="ada", not_before=time.time() + 3600))
        facts = run_facts(later, {})
        assert facts["User"] == "ada"
        assert facts["Submitted"].endswith(", manual")
        assert "Waiting" in facts and not {"Started", "Elapsed", "Duration"} & facts.keys()
        done = run_facts(run(space, text), {})
        assert "User" not in done and "Submitted" not in done
        assert {"Started", "Duration"} <= done.keys()
