"""Running pipelines for real: order, what they are given, retries, what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nodegraph.errors import InvalidInput, NotFound
from tests.executor.support import DIAMOND, pipeline, run, states, text_of, workspace


def test_branches_overlap_and_results_flow(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        view = run(space, pipeline(DIAMOND))
        assert (view.state, text_of(view, "d")) == ("succeeded", "abacd")
        b, c = view.nodes["b"], view.nodes["c"]
        assert b.started and b.finished and c.started and c.finished
        assert min(b.finished, c.finished) - max(b.started, c.started) > 0.3
        assert view.nodes["d"].metrics == {"length": 1.0}
        assert space.runs.preview(view.id, "d") == [{"type": "text", "title": "Text", "text": "abacd"}]
        assert space.runs.metrics(view.id, "d")[0]["step"] == 1
        assert not list(tmp_path.glob("data/runs/*/*/*/scratch"))


def test_cores_bound_what_runs_at_once(tmp_path: Path) -> None:
    with workspace(tmp_path, cores=1) as space:
        view = run(space, pipeline(DIAMOND))
        b, c = view.nodes["b"], view.nodes["c"]
        assert b.finished and c.started and b.finished <= c.started + 0.01


def test_uploaded_datasets_and_examples_are_found(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        file = tmp_path / "words.txt"
        file.write_text("one")
        space.datasets.add_file("words", file)
        file.write_text("two")
        space.datasets.add_file("words", file)
        for source, expected in (("dataset:words", "two"), ("dataset:words@1", "one")):
            view = run(space, pipeline(f"a: {{type: custom.read, params: {{source: '{source}'}}}}"))
            assert text_of(view, "a") == expected
        with pytest.raises(InvalidInput) as caught:
            space.runs.submit(pipeline("a: {type: custom.read, params: {source: 'dataset:wrods'}}"))
        (problem,) = caught.value.problems
        assert (problem.node, problem.param) == ("a", "source")
        assert "words" in problem.hint


def test_retry_waits_and_resumes_from_checkpoints(tmp_path: Path) -> None:
    text = pipeline("""
    a: {type: custom.misbehave, params: {how: bug, times: 2}, retry: {attempts: 3, delay: 300ms}}
    """)
    with workspace(tmp_path) as space:
        view = run(space, text)
        assert (states(view), view.nodes["a"].attempts) == ({"a": "succeeded"}, 3)
        assert text_of(view, "a") == "resumed after 2"
        attempts = space.runs.attempts(view.id, "a")
        assert [attempt.state for attempt in attempts] == ["failed", "failed", "succeeded"]
        assert attempts[1].started and attempts[0].finished
        assert attempts[1].started - attempts[0].finished > 0.25
        assert not list((tmp_path / "data" / "resume").iterdir())


def test_a_rerun_of_a_failed_run_resumes(tmp_path: Path) -> None:
    text = pipeline("a: {type: custom.misbehave, params: {how: bug, times: 1}}")
    with workspace(tmp_path) as space:
        failed = run(space, text)
        assert failed.state == "failed"
        again = space.runs.wait(space.runs.rerun(failed.id), 60)
        assert (again.trigger, again.rerun_of) == ("rerun", failed.id)
        assert text_of(again, "a") == "resumed after 1"


def test_a_wrong_pipeline_is_refused_and_nothing_is_stored(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        with pytest.raises(InvalidInput) as caught:
            space.runs.submit(
                pipeline("a: {type: custom.mak}\nb: {type: custom.make, params: {seconds: 'x'}}")
            )
        assert {problem.node for problem in caught.value.problems} == {"a", "b"}
        with pytest.raises(InvalidInput, match=r"custom|launcher"):
            space.runs.submit(pipeline(DIAMOND), launcher="proces")
        text = pipeline(
            "a: {type: custom.make, params: {text: '${parameters.word}'}}", parameters="{word: {}}"
        )
        with pytest.raises(InvalidInput, match="word has no value"):
            space.runs.submit(text)
        assert space.runs.list() == []
        with pytest.raises(NotFound):
            space.runs.get("1")
        view = run(space, text, params={"word": "given"})
        assert text_of(view, "a") == "given"


def test_f46_one_idempotency_key_is_one_run(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space, ThreadPoolExecutor(20) as pool:
        space.registry  # noqa: B018
        numbers = list(
            pool.map(lambda _: space.runs.submit(pipeline(DIAMOND), idempotency_key="k"), range(20))
        )
        assert set(numbers) == {1}
        assert len(space.runs.list()) == 1


def test_f53_a_run_uses_the_pipeline_as_it_was(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        text = pipeline("a: {type: custom.make, params: {text: old, seconds: 0.5}}")
        space.pipelines.import_text(text)
        number = space.runs.submit(space.pipelines.get("toy").text)
        space.pipelines.import_text(text.replace("old", "new"))
        assert text_of(space.runs.wait(number, 60), "a") == "old"
        assert "old" in space.runs.text(number)


def test_a_run_tells_with_which_values_it_was_started(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        asked = "{word: {kind: text, default: old}}"
        text = pipeline("a: {type: custom.make, params: {text: '${parameters.word}'}}", parameters=asked)
        number = space.runs.submit(text, params={"word": "new"})
        started = space.runs.pipeline(number)
        assert started is not None and started.nodes["a"].params == {"text": "new"}
