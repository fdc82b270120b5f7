"""Logs over HTTP: byte for byte, in ranges, as they come."""

from __future__ import annotations

import threading

import httpx
import pytest

from tests.executor.api.support import V1, Server, error_of
from tests.executor.support import pipeline, until

RAW = bytes([0, 27, 0xFF, 0xFE]) + "字<script>".encode() + b"\r\nlast"


@pytest.fixture(scope="module")
def spoken(server: Server) -> tuple[str, bytes]:
    """The address of a log that holds every kind of byte, and what is in it."""
    text = pipeline(f"a: {{type: custom.speak, params: {{hexadecimal: '{RAW.hex()}'}}}}", name="speak")
    run = server.ended(server.start(text))
    return f"{V1}/runs/{run['id']}/nodes/a/log", server.workspace.runs.log(run["id"], "a")


def test_F50_the_bytes_are_those_that_were_written(server, spoken):
    url, content = spoken
    answer = server.client.get(url)
    assert answer.content == content and RAW in content
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("query", "cut"),
    [("offset=3", slice(3, None)), ("offset=2&limit=4", slice(2, 6)), ("limit=0", slice(0, 0)),
     ("offset=99999999", slice(0, 0)), ("attempt=1", slice(None))],
)  # fmt: skip
def test_a_part_by_offset_and_limit(server, spoken, query, cut):
    assert server.client.get(f"{spoken[0]}?{query}").content == spoken[1][cut]


@pytest.mark.parametrize(
    ("header", "cut"),
    [("bytes=0-3", slice(0, 4)), ("bytes=5-", slice(5, None)), ("bytes=-4", slice(-4, None)),
     ("bytes=2-99999999", slice(2, None)), ("bytes=-99999999", slice(None))],
)  # fmt: skip
def test_a_range_is_answered_with_206(server, spoken, header, cut):
    url, content = spoken
    answer = server.client.get(url, headers={"range": header})
    assert answer.status_code == 206 and answer.content == content[cut]
    start = range(len(content))[cut].start
    assert (
        answer.headers["content-range"] == f"bytes {start}-{start + len(answer.content) - 1}/{len(content)}"
    )


@pytest.mark.parametrize("header", ["bytes=999999-", "bytes=999999-1000000", "bytes=-0"])
def test_a_range_behind_the_end_is_416(server, spoken, header):
    answer = server.client.get(spoken[0], headers={"range": header})
    error_of(answer, 416, "bad-range")
    assert answer.headers["content-range"] == f"bytes */{len(spoken[1])}"


@pytest.mark.parametrize(
    "header",
    ["bytes=" + ",".join(f"{n}-{n}" for n in range(2000)), "bytes=0-1,2-3", "bytes=5-2", "bytes=a-b",
     "lines=1-2", "bytes=" + "9" * 60 + "-", "bytes=--1", "bytes=0-" + "0," * 20_000, "bytes= 1-2"],
)  # fmt: skip
def test_A57_other_ranges_are_passed_over(server, spoken, header):
    answer = server.client.get(spoken[0], headers={"range": header})
    assert (answer.status_code, answer.content) == (200, spoken[1])


def test_an_attempt_that_there_is_not(server, spoken):
    error_of(server.client.get(f"{spoken[0]}?attempt=7"), 404, "not-found")
    error_of(server.client.get(f"{spoken[0]}?attempt=7&follow=true"), 404, "not-found")


def test_a_log_is_followed_until_the_node_has_ended(server):
    run = server.start(pipeline("a: {type: custom.learn, params: {steps: 30}}", name="followed"))
    url = f"http://127.0.0.1:{server.port}{V1}/runs/{run}/nodes/a/log?follow=true"
    pieces, states = [], []
    with httpx.stream("GET", url, timeout=60) as answer:
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        for piece in answer.iter_raw():
            states.append(server.get(f"/runs/{run}")["status"])
            pieces.append(piece)
    assert b"".join(pieces) == server.workspace.runs.log(run, "a")
    assert b"step 30" in pieces[-1] and states[0] != "succeeded", "it came while the node was running"


def test_a_log_is_followed_into_the_next_attempt(server):
    text = pipeline(
        "a: {type: custom.misbehave, params: {how: bug, times: 1}, retry: {attempts: 2, delay: 0s}}",
        name="twice",
    )
    run = server.start(text)
    until(lambda: server.get(f"/runs/{run}/nodes/a")["attempts"])
    answer = server.client.get(f"{V1}/runs/{run}/nodes/a/log?follow=true")
    both = b"".join(server.workspace.runs.log(run, "a", attempt) for attempt in (1, 2))
    assert server.get(f"/runs/{run}")["status"] == "succeeded"
    assert both.endswith(answer.content) and b"a bug" in answer.content
    assert b"a bug" in server.client.get(f"{V1}/runs/{run}/nodes/a/log?follow=true&attempt=1").content


def test_followers_that_go_leave_nothing_behind(server):
    run = server.start(pipeline("a: {type: custom.make, params: {seconds: 60}}", name="left"))
    until(lambda: server.get(f"/runs/{run}")["status"] == "running")
    hub = server.workspace.engine._desk.hub
    listening = len(hub._subscriptions)
    client = httpx.Client(timeout=60)
    paths = ["events", "nodes/a/log?follow=true"]
    for path in paths * 30:
        request = client.build_request("GET", f"http://127.0.0.1:{server.port}{V1}/runs/{run}/{path}")
        client.send(request, stream=True)
    until(lambda: len(hub._subscriptions) == listening + 30)
    threads = threading.active_count()
    client.close()
    until(lambda: len(hub._subscriptions) == listening)
    assert threading.active_count() <= threads < 80, "no connection has a thread of its own"
    server.post(f"/runs/{run}/cancel", status=202)
    server.ended(run)
