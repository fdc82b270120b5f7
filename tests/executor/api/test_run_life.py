"""The life of a run by HTTP alone: started, watched, looked into, cancelled, run again."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.executor.api.support import V1, error_of
from tests.executor.support import pipeline, until

TWO = pipeline("a: {type: custom.make, params: {text: one}}\nb: {type: custom.make, inputs: {after: a.text}}")


def test_from_an_imported_pipeline_to_its_result(server):
    made = server.post("/pipelines", {"text": TWO})
    assert (made["name"], made["version"], made["new"]) == ("toy", 1, True)
    run = server.post("/runs", {"pipeline": "toy"})
    assert run["id"] == int(run["run"]) and run["trigger"] == "api" and run["version"] == 1
    ended = server.ended(run["id"])
    assert ended["status"] == "succeeded"
    assert ended["nodes"]["b"]["metrics"] == {"length": 5}
    # The object is that of `nodegraph run --json`, with more beside it.
    printed = server.workspace.runs.result(run["id"])
    for name, node in printed.pop("nodes").items():
        assert {key: ended["nodes"][name][key] for key in node} == node
    assert {key: ended[key] for key in printed} == printed
    assert server.client.get(f"{V1}/runs/{run['id']}/pipeline").text == TWO
    assert run["id"] in [one["id"] for one in server.get("/runs", params={"pipeline": "toy"})["runs"]]


def test_the_same_text_again_comes_from_the_cache(server):
    text = pipeline("a: {type: custom.make, params: {text: once}}", name="cached")
    server.ended(server.start(text))
    again = server.ended(server.start(text))
    assert again["nodes"]["a"]["cached"] and again["nodes"]["a"]["status"] == "cached"
    anew = server.ended(server.start(text, use_cache=False))
    assert not anew["nodes"]["a"]["cached"]


def test_a_node_shows_its_attempts_numbers_and_what_it_made(server):
    run = server.start(pipeline("a: {type: custom.make, params: {text: shown}}", name="looked"))
    server.ended(run)
    (node,) = server.get(f"/runs/{run}/nodes")["nodes"]
    assert (node["node"], node["type"], node["state"], node["attempts"]) == (
        "a",
        "custom.make",
        "succeeded",
        1,
    )
    detail = server.get(f"/runs/{run}/nodes/a")
    assert [attempt["state"] for attempt in detail["history"]] == ["succeeded"]
    assert [(point["name"], point["value"]) for point in detail["series"]] == [("length", 5.0)]
    assert detail["preview"] == [{"type": "text", "title": "Text", "text": "shown"}]
    assert detail["outputs"]["text"]["kind"] == "text"


def test_a_run_is_cancelled(server):
    run = server.start(pipeline("a: {type: custom.make, params: {seconds: 60, text: never}}", name="long"))
    until(lambda: server.get(f"/runs/{run}")["status"] == "running")
    assert server.post(f"/runs/{run}/cancel", status=202)["cancel_requested"]
    assert server.ended(run)["status"] == "cancelled"
    assert server.post(f"/runs/{run}/cancel", status=202)["status"] == "cancelled", "it stays as it is"


def test_what_failed_is_retried_and_a_run_is_run_again_from_a_node(server, tmp_path):
    ledger = tmp_path / "ledger"
    text = pipeline(
        f"a: {{type: custom.make, params: {{text: good, ledger: '{ledger}'}}}}\n"
        "b: {type: custom.misbehave, params: {how: input}}",
        name="half",
    )
    failed = server.ended(server.start(text))
    assert failed["status"] == "failed" and failed["nodes"]["b"]["error"]["category"] == "input"
    retried = server.ended(server.post(f"/runs/{failed['id']}/retry")["id"])
    assert retried["rerun_of"] == failed["id"] and retried["trigger"] == "rerun"
    assert retried["nodes"]["a"]["cached"] and not retried["nodes"]["b"]["cached"]
    again = server.ended(server.post(f"/runs/{failed['id']}/rerun", {"from_node": "a"})["id"])
    assert not again["nodes"]["a"]["cached"]
    assert ledger.read_text() == "good\ngood\n"


def test_parameters_and_sets_of_one_run(server):
    text = pipeline(
        "a: {type: custom.make, params: {text: '${parameters.word}'}}", name="asked",
        parameters="{word: {kind: string, default: plain}}",
    )  # fmt: skip
    run = server.ended(server.start(text, params={"word": "given"}))
    assert run["nodes"]["a"]["metrics"]["length"] == 5 and run["params"] == {"word": "given"}
    run = server.ended(server.start(text, sets={"a.text": "longer than that"}))
    assert run["nodes"]["a"]["metrics"]["length"] == 16


@pytest.mark.parametrize("how", ["body", "header"])
def test_F46_twenty_at_once_with_one_key_are_one_run(server, how):
    text = pipeline("a: {type: custom.make}", name=f"once-{how}")
    body, headers = {"text": text}, {}
    if how == "body":
        body["idempotency_key"] = "key of the body"
    else:
        headers["Idempotency-Key"] = "key of the header"
    url = f"http://127.0.0.1:{server.port}{V1}/runs"
    with ThreadPoolExecutor(20) as threads:
        asked = [threads.submit(httpx.post, url, json=body, headers=headers, timeout=60) for _ in range(20)]
        answers = [one.result() for one in asked]
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert server.get("/runs", params={"pipeline": f"once-{how}"})["total"] == 1


def test_a_key_that_started_something_else_is_a_conflict(server):
    """Nobody takes the run of another request for theirs; a kept pipeline that was changed is the same."""
    text = pipeline("a: {type: custom.make}", name="keyed")
    body = {"text": text, "idempotency_key": "taken"}
    first = server.client.post(f"{V1}/runs", json=body).json()["id"]
    for other in ({"text": text + "\n"}, {"sets": {"a.text": "x"}}, {"until": "a"}, {"use_cache": False}):
        answer = server.client.post(f"{V1}/runs", json={**body, **other})
        assert f"run {first}" in error_of(answer, 409, "conflict")["message"]
    for word in ("one", "two"):
        server.client.put(
            f"{V1}/pipelines/keyed",
            json={"text": text.replace("custom.make", f"custom.make, params: {{text: {word}}}")},
        )
        server.client.post(f"{V1}/runs", json={"pipeline": "keyed", "idempotency_key": "kept"})
    assert server.get("/runs", params={"pipeline": "keyed"})["total"] == 2


def test_lists_are_filtered_and_paged(server):
    text = pipeline("a: {type: custom.make}", name="many")
    runs = [server.start(text) for _ in range(3)]
    for run in runs:
        server.ended(run)
    page = server.get("/runs", params={"pipeline": "many", "limit": 2})
    assert [one["id"] for one in page["runs"]] == [runs[2], runs[1]] and page["total"] == 3
    page = server.get("/runs", params={"pipeline": "many", "limit": 2, "offset": 2})
    assert [one["id"] for one in page["runs"]] == [runs[0]]
    assert server.get("/runs", params={"search": f"#{runs[1]}"})["total"] == 1
    wanted = {"pipeline": "many", "state": ["failed", "cancelled"]}
    assert server.get("/runs", params=wanted)["total"] == 0
    assert server.get("/runs", params={"pipeline": "many", "trigger": "api"})["total"] == 3
    assert server.get("/runs", params={"pipeline": "many", "until": 1})["total"] == 0


def test_a_run_names_a_pipeline_or_a_text(server):
    for body in ({}, {"pipeline": "toy", "text": TWO}):
        error_of(server.client.post(f"{V1}/runs", json=body), 422, "invalid-input")
    error_of(server.client.post(f"{V1}/runs", json={"pipeline": "nobody-has-this"}), 404, "not-found")
    error_of(server.client.get(f"{V1}/runs/999999"), 404, "not-found")
    run = server.start(TWO)
    error_of(server.client.get(f"{V1}/runs/{run}/nodes/zz"), 404, "not-found")
    answer = server.client.post(f"{V1}/runs", json={"text": pipeline("a: {type: custom.nothing}")})
    (problem,) = error_of(answer, 422, "invalid-input")["problems"]
    assert problem["code"] == "unknown-type" and problem["node"] == "a"
    json.dumps(problem)
