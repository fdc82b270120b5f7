"""Server-sent events: how a run stands, every change, its end."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.executor.api.support import V1, Server
from tests.executor.support import pipeline, until

LEARN = pipeline("a: {type: custom.learn, params: {steps: 20}}", name="events")


def events(
    server: Server, run: int, last: bytes | None = None, stop_after: str = "end"
) -> list[dict[str, Any]]:
    """The events of a run until one of that kind."""
    headers = {"last-event-id": last} if last else {}
    url = f"http://127.0.0.1:{server.port}{V1}/runs/{run}/events"
    found: list[dict[str, Any]] = []
    event: dict[str, Any] = {}
    with httpx.stream("GET", url, headers=headers, timeout=60) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if line and name in ("event", "id", "data"):
                event[name] = value
            elif not line and "event" in event:
                found.append({**event, "data": json.loads(event["data"])})
                event = {}
                if found[-1]["event"] == stop_after:
                    return found
    return found


def test_a_run_is_told_from_its_beginning_to_its_end(server):
    run = server.start(LEARN)
    found = events(server, run)
    runs = [one["data"]["state"] for one in found if one["event"] == "run"]
    assert runs[-1] == "succeeded" and set(runs) <= {"queued", "running", "succeeded"}
    node = [one["data"]["state"] for one in found if one["event"] == "node"]
    assert node[-1] == "succeeded" and all(one["data"]["run"] == run for one in found[:-1])
    assert {"metric", "progress", "log"} <= {one["event"] for one in found}
    last = {one["data"]["name"]: one["data"]["value"] for one in found if one["event"] == "metric"}
    assert last == server.get(f"/runs/{run}")["nodes"]["a"]["metrics"]
    numbers = [int(one["id"]) for one in found[:-1]]
    assert numbers == list(range(1, len(numbers) + 1)) and found[-1]["id"] == "end"


def test_who_comes_back_gets_the_present_state_first(server):
    run = server.start(pipeline("a: {type: custom.learn, params: {steps: 40}}", name="again"))
    seen = events(server, run, stop_after="metric")
    until(lambda: server.get(f"/runs/{run}")["status"] == "running")
    found = events(server, run, seen[-1]["id"].encode())
    assert int(found[0]["id"]) == int(seen[-1]["id"]) + 1, "the numbers go on"
    assert found[0]["event"] == "run" and found[0]["data"]["state"] in ("running", "succeeded")
    assert [one["data"]["state"] for one in found if one["event"] == "run"][-1] == "succeeded"


def test_a_run_that_is_over_is_told_as_it_ended(server):
    run = server.ended(server.start(LEARN))
    found = events(server, run["id"])
    assert [one["event"] for one in found if one["event"] in ("node", "run", "end")] == ["node", "run", "end"]
    headers = {"last-event-id": found[-1]["id"]}
    answer = server.client.get(f"{V1}/runs/{run['id']}/events", headers=headers)
    assert answer.status_code == 204, "a browser does not ask again"


def test_an_id_of_somebody_elses_making_does_no_harm(server):
    run = server.ended(server.start(LEARN))
    for last in ("²", "-1", "9" * 400, "x"):
        assert events(server, run["id"], last.encode())[-1]["event"] == "end"
    assert server.client.get(f"{V1}/runs/999999/events").status_code == 404
