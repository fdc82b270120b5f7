"""/metrics in Prometheus' text format; the numbers come from the database, so they survive restarts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import psutil
from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.responses import Response

from executor.api.reading import Space
from executor.api.traffic import Traffic
from executor.services.meters import Readings
from executor.services.tallies import BOUNDS, NODE_STATES, RUN_STATES, Durations


def serve_metrics(app: FastAPI, traffic: Traffic) -> None:
    """Answer at /metrics."""

    def metrics(space: Space) -> Response:
        registry = CollectorRegistry()
        registry.register(_Once([*_families(space.meters.read()), *_server(traffic)]))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    app.get("/metrics", include_in_schema=False)(metrics)


class _Once(Collector):
    """Families that are there already."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _families(readings: Readings) -> Iterator[Metric]:
    tally = readings.tally
    # A state that nothing is in has the number 0: a series that comes and goes is no basis for an alert.
    runs = {state: tally.runs[state] for state in RUN_STATES}
    yield _gauge("nodegraph_runs", "Runs by state.", "state", runs)
    nodes = {state: tally.nodes[state] for state in NODE_STATES}
    yield _gauge("nodegraph_nodes", "Nodes of runs by state.", "state", nodes)
    yield GaugeMetricFamily("nodegraph_queue_length", "What waits for a place.", readings.waiting)
    yield GaugeMetricFamily(
        "nodegraph_queue_oldest_seconds", "How long the one waits that waits longest.", readings.oldest_wait
    )
    yield _histogram(
        "nodegraph_run_duration_seconds", "How long runs took, by outcome.", ("outcome",), tally.run_seconds
    )
    executed = {key: durations for key, durations in tally.node_seconds.items() if key[1] != "cached"}
    yield _histogram(
        "nodegraph_node_duration_seconds", "How long nodes took, by node type and outcome.",
        ("type", "outcome"), executed,
    )  # fmt: skip
    yield _counter(
        "nodegraph_attempts", "Attempts by outcome: the category of a failure, or the state.", "outcome",
        tally.attempts,
    )  # fmt: skip
    hits, misses = tally.nodes["cached"], tally.nodes["succeeded"] + tally.nodes["failed"]
    yield CounterMetricFamily("nodegraph_cache_hits", "Nodes whose result came from an earlier run.", hits)
    yield CounterMetricFamily("nodegraph_cache_misses", "Nodes that had to be executed.", misses)
    yield from _hosts(readings)


def _hosts(readings: Readings) -> Iterator[Metric]:
    states = GaugeMetricFamily("nodegraph_hosts", "Hosts by state.", labels=["state"])
    for state in ("ready", "unreachable", "refused", "unknown", "draining"):
        states.add_metric([state], sum(host.state == state for host in readings.hosts))
    yield states
    yield _gauge(
        "nodegraph_gpus", "GPUs of hosts.", "host", {host.name: host.gpus for host in readings.hosts}
    )
    held = {host.name: host.gpus_held for host in readings.hosts}
    yield _gauge("nodegraph_gpus_leased", "GPUs that attempts hold.", "host", held)


def _server(traffic: Traffic) -> Iterator[Metric]:
    memory = psutil.Process().memory_info().rss
    yield GaugeMetricFamily("process_resident_memory_bytes", "Memory of the server.", memory)
    requests = CounterMetricFamily(
        "nodegraph_http_requests", "Requests of the REST interface since the server's start.",
        labels=["method", "route", "status"],
    )  # fmt: skip
    for (method, route, status), count in list(traffic.counts.items()):
        requests.add_metric([method, route, str(status)], count)
    yield requests


def _gauge(name: str, text: str, label: str, values: dict[str, int]) -> Metric:
    made = GaugeMetricFamily(name, text, labels=[label])
    for value, count in sorted(values.items()):
        made.add_metric([value], count)
    return made


def _counter(name: str, text: str, label: str, values: dict[str, int]) -> Metric:
    made = CounterMetricFamily(name, text, labels=[label])
    for value, count in sorted(values.items()):
        made.add_metric([value], count)
    return made


def _histogram(
    name: str, text: str, labels: tuple[str, ...], values: dict[tuple[str, ...], Durations]
) -> Metric:
    made = HistogramMetricFamily(name, text, labels=labels)
    for key, durations in sorted(values.items()):
        buckets = [(str(float(bound)), count) for bound, count in zip(BOUNDS, durations.within, strict=True)]
        made.add_metric(list(key), [*buckets, ("+Inf", durations.count)], durations.seconds)
    return made
