"""What was computed once is not computed again; what has changed is, and says so."""

from __future__ import annotations

from pathlib import Path

from executor.database.tables import CacheEntry
from executor.services.workspace import Workspace
from nodegraph.format import load
from nodegraph.plan import Plan, cache_key
from tests.executor.support import DIAMOND, pipeline, run, states, text_of, until, workspace


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


def test_single_flight_the_second_run_waits_and_is_cached(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    text = pipeline(f"a: {{type: custom.make, params: {{seconds: 0.8, ledger: '{ledger}'}}}}")
    with workspace(tmp_path) as space:
        first, second = space.runs.submit(text), space.runs.submit(text)
        until(lambda: "computes the same" in space.runs.get(second).nodes["a"].reason)
        view = space.runs.wait(second, 60)
        assert states(space.runs.wait(first, 60)) == {"a": "succeeded"}
        assert (states(view), view.nodes["a"].source_run) == ({"a": "cached"}, first)
        assert ledger.read_text() == "hello\n"


def test_single_flight_the_queue_tells_who_waits_for_whom(tmp_path: Path) -> None:
    text = pipeline("""
    a: {type: custom.make}
    b: {type: custom.make, params: {seconds: 2}, inputs: {after: a.text}}
    """)
    with workspace(tmp_path) as space:
        first, second = space.runs.submit(text), space.runs.submit(text)
        (one,) = until(lambda: [one for one in space.queue.waiting() if one.node == "b" and one.wants == ""])
        computing, waiting = (first, second) if one.run == second else (second, first)
        assert (one.run, one.node, one.position) == (waiting, "b", None)
        assert one.reason == f"waits for run {computing}, node b, which computes the same"
        assert space.queue.length() == 0, "it waits for no place"
        space.runs.cancel(computing)
        assert states(space.runs.wait(waiting, 60)) == {"a": "cached", "b": "succeeded"}
        assert space.queue.waiting() == []


def test_single_flight_the_second_runs_itself_where_the_first_is_cancelled(tmp_path: Path) -> None:
    text = pipeline("a: {type: custom.make, params: {seconds: 1.5}}")
    with workspace(tmp_path) as space:
        first, second = space.runs.submit(text), space.runs.submit(text)
        until(lambda: space.runs.get(second).nodes["a"].reason)
        space.runs.cancel(first)
        assert states(space.runs.wait(second, 60)) == {"a": "succeeded"}
        assert space.runs.get(first).state == "cancelled"


def test_from_runs_a_node_and_all_after_it_anew(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        run(space, pipeline(DIAMOND))
        view = run(space, pipeline(DIAMOND), from_node="b")
        assert states(view) == {"a": "cached", "b": "succeeded", "c": "cached", "d": "succeeded"}


def test_no_cache_runs_everything(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        run(space, pipeline(DIAMOND))
        assert set(states(run(space, pipeline(DIAMOND), use_cache=False)).values()) == {"succeeded"}


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


def test_a_thousand_cached_nodes_start_nothing(tmp_path: Path) -> None:
    nodes = "".join(
        f"n{i}: {{type: custom.make, params: {{text: '{i}'}}"
        + (f", inputs: {{after: n{i - 1}.text}}" if i else "")
        + "}\n"
        for i in range(1000)
    )
    with workspace(tmp_path) as space:
        fill_cache(space, nodes)
        number = space.runs.submit(pipeline(nodes))
        view = space.runs.wait(number, 60)
        assert set(states(view).values()) == {"cached"}
        assert not space.data_dir.attempt(number, "n0", 1).parents[1].exists(), "no attempt was ever made"


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
