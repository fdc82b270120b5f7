"""Running pipelines for real: order, cache, retries, conditions, parts of a graph."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from executor.database.tables import CacheEntry
from executor.services.workspace import Workspace
from nodegraph.errors import InvalidInput, NotFound
from nodegraph.format import load
from nodegraph.plan import Plan, cache_key
from tests.executor.support import pipeline, run, states, text_of, until, workspace

DIAMOND = """
a: {type: custom.make, params: {text: a}}
b: {type: custom.make, params: {text: b, seconds: 0.6}, inputs: {after: a.text}}
c: {type: custom.make, params: {text: c, seconds: 0.6}, inputs: {after: a.text}}
d: {type: custom.make, params: {text: d}, inputs: {after: [b.text, c.text]}}
"""


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


def test_a_second_run_is_cached_and_says_from_which(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        first = run(space, pipeline(DIAMOND))
        second = run(space, pipeline(DIAMOND))
        assert set(states(second).values()) == {"cached"}
        assert {node.source_run for node in second.nodes.values()} == {first.id}
        assert second.nodes["d"].outputs == first.nodes["d"].outputs
        assert second.nodes["a"].metrics == {"length": 1.0}
        assert space.runs.log(second.id, "a") == b"made a\n"
        assert space.runs.preview(second.id, "d")[0]["text"] == "abacd"
        assert second.seconds is not None and second.seconds < 0.5


def test_a_changed_parameter_is_a_miss_that_says_so(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        first = run(space, pipeline(DIAMOND))
        view = run(space, pipeline(DIAMOND), sets={"b.text": "B"})
        assert states(view) == {"a": "cached", "b": "succeeded", "c": "cached", "d": "succeeded"}
        assert view.nodes["b"].reason == f"changed since run {first.id}: text"
        assert view.nodes["d"].reason == f"changed since run {first.id}: input after"


def test_the_content_of_a_named_file_counts(tmp_path: Path) -> None:
    text = pipeline("a: {type: custom.read, params: {source: words.txt}}")
    file = tmp_path / "words.txt"
    with workspace(tmp_path) as space:
        file.write_text("one")
        assert states(run(space, text, base_dir=tmp_path)) == {"a": "succeeded"}
        assert states(run(space, text, base_dir=tmp_path)) == {"a": "cached"}
        file.write_text("two")
        view = run(space, text, base_dir=tmp_path)
        assert (states(view), text_of(view, "a")) == ({"a": "succeeded"}, "two")
        elsewhere = run(space, text, base_dir=tmp_path / "elsewhere")
        assert elsewhere.nodes["a"].error and elsewhere.nodes["a"].error["category"] == "input"


def test_files_named_in_a_list_count_too(tmp_path: Path) -> None:
    text = pipeline("a: {type: custom.read, params: {source: words.txt, further: [more.txt, words.txt]}}")
    (tmp_path / "words.txt").write_text("one ")
    with workspace(tmp_path) as space:
        (tmp_path / "more.txt").write_text("two ")
        assert text_of(run(space, text, base_dir=tmp_path), "a") == "one two one "
        (tmp_path / "more.txt").write_text("three ")
        view = run(space, text, base_dir=tmp_path)
        assert (states(view), text_of(view, "a")) == ({"a": "succeeded"}, "one three one ")
        assert view.nodes["a"].reason.endswith("content of further[0]")


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


def test_single_flight_the_second_run_waits_and_is_cached(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    text = pipeline(f"a: {{type: custom.make, params: {{seconds: 0.8, ledger: '{ledger}'}}}}")
    with workspace(tmp_path) as space:
        first, second = space.runs.submit(text), space.runs.submit(text)
        until(lambda: "computes the same" in space.runs.get(second).nodes["a"].reason)
        view = space.runs.wait(second, 30)
        assert states(space.runs.wait(first, 30)) == {"a": "succeeded"}
        assert (states(view), view.nodes["a"].source_run) == ({"a": "cached"}, first)
        assert ledger.read_text() == "hello\n"


def test_single_flight_the_second_runs_itself_where_the_first_is_cancelled(tmp_path: Path) -> None:
    text = pipeline("a: {type: custom.make, params: {seconds: 1.5}}")
    with workspace(tmp_path) as space:
        first, second = space.runs.submit(text), space.runs.submit(text)
        until(lambda: space.runs.get(second).nodes["a"].reason)
        space.runs.cancel(first)
        assert states(space.runs.wait(second, 30)) == {"a": "succeeded"}
        assert space.runs.get(first).state == "cancelled"


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
        again = space.runs.wait(space.runs.rerun(failed.id), 30)
        assert (again.trigger, again.rerun_of) == ("rerun", failed.id)
        assert text_of(again, "a") == "resumed after 1"


def test_until_runs_a_node_and_what_it_needs(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        view = run(space, pipeline(DIAMOND), until="b")
        assert states(view) == {"a": "succeeded", "b": "succeeded", "c": "skipped", "d": "skipped"}
        assert view.nodes["d"].reason == "not part of this run"
        with pytest.raises(InvalidInput, match="no node bb"):
            space.runs.submit(pipeline(DIAMOND), until="bb")


def test_from_runs_a_node_and_all_after_it_anew(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        run(space, pipeline(DIAMOND))
        view = run(space, pipeline(DIAMOND), from_node="b")
        assert states(view) == {"a": "cached", "b": "succeeded", "c": "cached", "d": "succeeded"}


def test_no_cache_runs_everything(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        run(space, pipeline(DIAMOND))
        assert set(states(run(space, pipeline(DIAMOND), use_cache=False)).values()) == {"succeeded"}


@pytest.mark.parametrize(("f1", "state"), [(0.8, "succeeded"), (0.7, "skipped")])
def test_when_decides_by_a_metric(tmp_path: Path, f1: float, state: str) -> None:
    text = pipeline(f"""
    gate: {{type: custom.gauge, params: {{f1: {f1}}}}}
    release: {{type: custom.make, when: "gate.metrics.f1 >= 0.75"}}
    after: {{type: custom.make, params: {{text: x}}, inputs: {{after: release.text}}}}
    """)
    with workspace(tmp_path) as space:
        view = run(space, text)
        assert (view.state, states(view)["release"], states(view)["after"]) == ("succeeded", state, state)
        if state == "skipped":
            assert view.nodes["release"].reason == (
                "its condition does not hold: gate.metrics.f1 is 0.7, not gate.metrics.f1 >= 0.75"
            )
            assert view.nodes["after"].reason == "release was skipped"


def test_a_disabled_node_is_bypassed(tmp_path: Path) -> None:
    text = pipeline("""
    a: {type: custom.make, params: {text: a}}
    b: {type: custom.make, params: {text: b}, inputs: {after: a.text}, enabled: false}
    c: {type: custom.make, params: {text: c}, inputs: {after: b.text}}
    """)
    with workspace(tmp_path) as space:
        view = run(space, text)
        assert states(view) == {"a": "succeeded", "b": "skipped", "c": "succeeded"}
        assert text_of(view, "c") == "ac"


def test_other_branches_finish_where_one_fails(tmp_path: Path) -> None:
    text = pipeline("""
    bad: {type: custom.misbehave, params: {how: input}}
    after: {type: custom.make, inputs: {after: bad.text}}
    later: {type: custom.make, inputs: {after: after.text}}
    good: {type: custom.make, params: {text: good, seconds: 0.5}}
    """)
    with workspace(tmp_path) as space:
        view = run(space, text)
        assert (view.state, states(view)) == (
            "failed",
            {"bad": "failed", "after": "skipped", "later": "skipped", "good": "succeeded"},
        )
        assert view.nodes["after"].reason == "bad has failed"
        assert view.nodes["bad"].error == {
            "category": "input",
            "message": "Line 3 is no number.",
            "hint": "Mend line 3.",
            "exit_code": 1,
        }


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
        assert text_of(space.runs.wait(number, 30), "a") == "old"
        assert "old" in space.runs.text(number)


def test_follow_tells_the_whole_story(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        number = space.runs.submit(pipeline("a: {type: custom.make, params: {seconds: 1.2}}"))
        updates = list(space.runs.follow(number))
        kinds = [update.kind for update in updates]
        assert kinds[0] == kinds[-1] == "run" and updates[-1].data == {"state": "succeeded"}
        assert {"node", "progress", "metric", "log"} <= set(kinds)
        assert [u.data["state"] for u in updates if u.kind == "node"][-1] == "succeeded"
        log = next(update for update in updates if update.kind == "log")
        assert space.runs.log(number, "a", offset=log.data["offset"]) == b"made hello\n"
        left = [u.data["seconds_left"] for u in updates if u.kind == "progress" and u.data["seconds_left"]]
        assert left and 0 <= left[0] <= 1.5


def test_subscribers_hear_everything_at_once(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        subscription = space.runs.subscribe()
        assert subscription is not None
        number = space.runs.submit(pipeline("a: {type: custom.make}"))
        heard = []
        until(lambda: (heard.extend(subscription.take(0.1)) or heard[-1:]) and heard[-1].kind == "run"
              and heard[-1].data["state"] == "succeeded")  # fmt: skip
        assert [u.data["state"] for u in heard if u.kind == "run"] == ["running", "succeeded"]
        assert {u.run for u in heard} == {number}
        subscription.close()
        run(space, pipeline("a: {type: custom.make, params: {text: again}}"))
        assert subscription.take(0) == []


def test_f50_log_bytes_are_kept_as_they_were(tmp_path: Path) -> None:
    raw = b"\x00\x1b[31mred\xff\xfe no newline"
    text = pipeline(f"a: {{type: custom.speak, params: {{hexadecimal: '{raw.hex()}'}}}}")
    with workspace(tmp_path) as space:
        view = run(space, text)
        assert space.runs.log(view.id, "a") == raw
        assert states(run(space, text)) == {"a": "succeeded"}, "a type that is not cached runs each time"


def test_f36_a_damaged_result_is_made_again(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        first = run(space, pipeline(DIAMOND))
        path = Path(first.nodes["a"].outputs["text"].path) / "text.txt"
        path.chmod(0o644)
        path.write_text("A")
        view = run(space, pipeline(DIAMOND))
        assert states(view) == {"a": "succeeded", "b": "cached", "c": "cached", "d": "cached"}
        assert "text.txt does not match its checksum" in view.nodes["a"].reason
        assert text_of(view, "a") == "a"
        space.artifacts.verify(view.nodes["a"].outputs["text"].digest)


def test_a_thousand_cached_nodes_take_less_than_a_second(tmp_path: Path) -> None:
    nodes = "".join(
        f"n{i}: {{type: custom.make, params: {{text: '{i}'}}"
        + (f", inputs: {{after: n{i - 1}.text}}" if i else "")
        + "}\n"
        for i in range(1000)
    )
    with workspace(tmp_path) as space:
        fill_cache(space, nodes)
        number = space.runs.submit(pipeline(nodes))
        view = space.runs.wait(number, 30)
        assert set(states(view).values()) == {"cached"}
        # Half a second on two idle cores; others may be at work on this machine.
        assert view.finished and view.finished - view.created < 2.5


def fill_cache(space: Workspace, nodes: str) -> None:
    """By hand, with one artifact for all: making a thousand for real would take minutes."""
    out = space.data_dir.root / "made"
    out.mkdir()
    (out / "text.txt").write_text("made")
    stored = space.store.put(out)
    outputs = {"text": {"kind": "text", "digest": stored.digest, "bytes": stored.bytes}}
    loaded = load(pipeline(nodes)).pipeline
    assert loaded is not None
    environment, entries = space.environments.digest("base"), []
    for name, step in Plan.of(loaded, space.registry).steps.items():
        inputs = {port: [stored.digest] * len(found) for port, found in step.sources.items()}
        code = step.registered.code_digest
        key = cache_key(step, code=code, inputs=inputs, files={}, environment=environment)
        entry = CacheEntry(key=key.key, pipeline="toy", node=name, run_id=0, outputs=outputs, created=1.0)
        entries.append(entry)
    with space.database.write() as session:
        session.add_all(entries)
