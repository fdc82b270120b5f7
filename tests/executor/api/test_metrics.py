"""/metrics and /healthz: numbers that a strict reader takes, and whether the server can do its work."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from executor.database.tables import NodeRun, Run
from executor.services.meters import Meters
from tests.executor.api.support import Server
from tests.executor.support import pipeline, until

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def families(server: Server) -> dict[str, Metric]:
    answer = server.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    found = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert answer.text.endswith("\n") and answer.text.count("# HELP ") == len(found)
    return found


def value(server: Server, name: str, **labels: str) -> float | None:
    """The value of one sample."""
    return next(
        (
            sample.value
            for family in families(server).values()
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ),
        None,
    )


def test_what_ran_is_counted(server):
    text = pipeline(
        "a: {type: custom.make}\nb: {type: custom.misbehave, params: {how: input}}", name="counted"
    )
    server.ended(server.start(text))
    server.ended(server.start(text))
    assert value(server, "nodegraph_runs", state="failed") == 2
    assert value(server, "nodegraph_nodes", state="succeeded") == 1
    assert value(server, "nodegraph_nodes", state="cached") == 1
    assert value(server, "nodegraph_attempts_total", outcome="input") == 2
    assert value(server, "nodegraph_attempts_total", outcome="succeeded") == 1
    assert value(server, "nodegraph_cache_hits_total") == 1
    assert value(server, "nodegraph_cache_misses_total") == 3
    assert value(server, "nodegraph_run_duration_seconds_count", outcome="failed") == 2
    labels = {"type": "custom.misbehave", "outcome": "failed"}
    assert value(server, "nodegraph_node_duration_seconds_count", **labels) == 2
    assert (
        value(server, "nodegraph_http_requests_total", method="POST", route="/api/v1/runs", status="201") == 2
    )
    assert value(server, "nodegraph_hosts", state="ready") == 1
    assert value(server, "nodegraph_gpus_leased", host="local") == 0
    assert (value(server, "process_resident_memory_bytes") or 0) > 10_000_000


def test_what_is_going_on_is_counted_once_also_when_it_has_ended(server):
    before = value(server, "nodegraph_nodes", state="succeeded") or 0
    run = server.start(pipeline("a: {type: custom.make, params: {seconds: 60, text: going}}", name="going"))
    until(lambda: value(server, "nodegraph_nodes", state="running") == 1)
    assert value(server, "nodegraph_runs", state="running") == 1
    server.post(f"/runs/{run}/cancel", status=202)
    server.ended(run)
    for _ in range(2):
        assert value(server, "nodegraph_runs", state="cancelled") == 1
        assert value(server, "nodegraph_runs", state="running") == 0
        assert value(server, "nodegraph_nodes", state="succeeded") == before


def test_histograms_are_whole(server):
    histograms = [family for family in families(server).values() if family.type == "histogram"]
    assert len(histograms) == 2
    for family in histograms:
        series: dict[tuple[str, ...], list[tuple[float, float]]] = {}
        counts = {}
        for sample in family.samples:
            key = tuple(sorted(item for item in sample.labels.items() if item[0] != "le"))
            if sample.name.endswith("_bucket"):
                series.setdefault(key, []).append((float(sample.labels["le"]), sample.value))
            elif sample.name.endswith("_count"):
                counts[key] = sample.value
        assert series.keys() == counts.keys() and counts
        for key, buckets in series.items():
            assert buckets == sorted(buckets) and [count for _, count in buckets] == sorted(
                count for _, count in buckets
            )
            assert buckets[-1] == (float("inf"), counts[key])


def test_names_and_labels_follow_the_conventions(server):
    for family in families(server).values():
        assert _NAME.fullmatch(family.name) and family.documentation.endswith(".")
        assert family.name.startswith(("nodegraph_", "process_"))
        keys = [(sample.name, tuple(sorted(sample.labels.items()))) for sample in family.samples]
        assert len(set(keys)) == len(keys), "no series twice"


def test_addresses_of_others_making_are_one_series(server):
    for path in ("/api/v1/nothing-here", "/api/v1/runs/7777", "/api/v1/runs/8888"):
        server.client.get(path)
    server.client.request("PROPFIND", "/api/v1/runs")
    routes = {sample.labels["route"] for sample in families(server)["nodegraph_http_requests"].samples}
    methods = {sample.labels["method"] for sample in families(server)["nodegraph_http_requests"].samples}
    assert "/api/v1/runs/{run}" in routes and "other" in routes and "other" in methods
    assert not any("7777" in route or "nothing" in route for route in routes)


def test_label_values_are_escaped(server):
    strange = 'a"b\\c\nd'
    with server.workspace.database.write() as session:
        run = Run(
            pipeline="x", text="", base_dir="/", state="succeeded", created=1.0, started=1.0, finished=2.0
        )
        session.add(run)
        session.flush()
        session.add(
            NodeRun(
                run_id=run.id,
                node="a",
                position=0,
                type=strange,
                state="succeeded",
                started=1.0,
                finished=2.0,
            )
        )
    assert value(server, "nodegraph_node_duration_seconds_sum", type=strange) == 1.0


def test_the_numbers_survive_a_restart(server):
    now = server.workspace.meters.read().tally
    anew = Meters(server.workspace.database, server.workspace.inventory).read().tally
    assert (anew.runs, anew.nodes, anew.attempts) == (now.runs, now.nodes, now.attempts)
    assert anew.node_seconds.keys() == now.node_seconds.keys()


def test_healthz_says_that_all_is_well(server):
    answer = server.client.get("/healthz")
    assert answer.status_code == 200
    assert set(answer.json()) == {"status", "version", "engine", "database"}
    assert (answer.json()["status"], answer.json()["engine"]) == ("ok", "running")


@pytest.fixture
def other(tmp_path) -> Iterator[Server]:
    made = Server(tmp_path)
    yield made
    made.stop()


def test_healthz_is_503_once_the_engine_has_died(other):
    engine = other.workspace.engine
    engine.stop()
    answer = other.client.get("/healthz")
    assert answer.status_code == 503 and answer.json()["engine"] == "stopped"


def test_F34_a_database_that_cannot_be_read_is_503_and_no_traceback(other):
    assert other.client.get("/healthz").status_code == 200
    other.workspace.stop_engine()
    path = other.workspace.data_dir.database
    other.workspace.database.close()
    for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        name.unlink(missing_ok=True)
    sqlite3.connect(path).close()
    path.write_bytes(b"no database at all" * 100)
    assert other.client.get("/healthz").json()["database"] == "unreadable"
    answer = other.client.get("/api/v1/runs")
    assert answer.status_code == 503 and answer.json()["error"]["code"] == "unavailable"
    assert answer.headers["retry-after"] and "Traceback" not in answer.text
