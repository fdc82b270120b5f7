"""Requests that are wrong in every way: each is answered with what is wrong, none with a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.executor.api.support import V1, error_of
from ui.security import MAX_BODY

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    "body",
    [b'{"text": NaN}', b'{"text": "x", "params": {"a": NaN}}', b'{"text": "x", "params": {"a": 1e999}}',
     b'{"text": "x", "params": {"a": -Infinity}}', b'{"text": "\\ud800"}', b'{"text": "a\\u0000b"}',
     b'{"text": "x", "params": {"a": 9223372036854775808}}', b'{"params": {"a": ' + b"9" * 9999 + b"}}",
     b'{"text": "x", "version": 1e30}', b'{"text": "x", "until": "\\udfff"}', b'{"params": {"\\ud800": 1}}',
     b"[" * 100_000, b'{"text": ' + b'{"a":' * 5000 + b"1" + b"}" * 5001, b"\xff\xfe", b"{", b"",
     b"null", b"[]", b'"text"', b'{"text": 5}', b'{"text": null, "pipeline": null}',
     b'{"text": "x", "unknown": 1}', b'{"text": "x", "priority": "high"}',
     b'{"text": "x", "use_cache": "no"}', b'{"text": "x", "not_before": -1}',
     b'{"text": "x", "idempotency_key": ""}'],
    ids=lambda body: body[:40].decode("latin-1"),
)  # fmt: skip
@pytest.mark.parametrize(
    "path", ["/runs", "/validate", "/pipelines", "/runs/1/rerun", "/templates/x/use", "/hosts"]
)
def test_A13_A14_bodies_that_are_no_request(server, path, body):
    answer = server.client.post(f"{V1}{path}", content=body, headers=JSON)
    assert answer.status_code in (404, 422), answer.text
    error_of(answer, answer.status_code, "not-found" if answer.status_code == 404 else "invalid-input")


def test_problems_of_a_request_have_their_place(server):
    answer = server.client.post(f"{V1}/runs", json={"text": "x", "priority": "high", "more": 1})
    problems = error_of(answer, 422, "invalid-input")["problems"]
    assert {problem["param"] for problem in problems} == {"priority", "more"}


def test_A15_a_body_of_60_mb_is_413(server):
    for path in ("/runs", "/validate", "/pipelines"):
        answer = server.client.post(f"{V1}{path}", content=b"x" * (MAX_BODY + 1), headers=JSON)
        error_of(answer, 413, "too-large")

        def pieces():
            for _ in range(60):
                yield b" " * 2**20

        # Its size is not announced: it is cut off on the way. A server that hangs up early is right too.
        answer = server.client.post(f"{V1}{path}", content=pieces(), headers=JSON)
        error_of(answer, 413, "too-large")


@pytest.mark.parametrize(
    "path",
    ["/runs/0", "/runs/-1", "/runs/abc", "/runs/9223372036854775808", "/runs/" + "9" * 400,
     "/runs/1.5", "/runs/1%00",
     "/runs?limit=0", "/runs?limit=99999999999999999999", "/runs?offset=-1", "/runs?since=nan",
     "/runs?since=1e999",
     "/runs/1/nodes/%00", "/runs/1/nodes/%ED%A0%80", "/runs/1/nodes/a/log?offset=-1",
     "/runs/1/nodes/a/log?attempt=0",
     "/pipelines/%00", "/pipelines/" + "x" * 5000, "/pipelines/a/versions/99999999999999999999",
     "/node-types/%2e%2e",
     "/artifacts/%00", "/artifacts/..", "/artifacts/%2e%2e/files/x", "/services/%00/logs",
     "/services/..%2f..%2fetc",
     "/templates/%00", "/hosts/%00", "/hosts/..", "/nothing", "/", ""],
)  # fmt: skip
def test_addresses_that_name_nothing(server, path):
    answer = server.client.get(f"{V1}{path}")
    assert answer.status_code in (404, 422), answer.text
    error_of(answer, answer.status_code, "not-found" if answer.status_code == 404 else "invalid-input")


def test_other_methods_are_405(server):
    answer = server.client.put(f"{V1}/runs", json={})
    error = error_of(answer, 405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "POST"}
    assert error["message"] == "This address does not take that method."


def test_a_service_that_there_is_not_leaves_no_file(server):
    folder = server.workspace.data_dir.root
    before = sorted(str(path) for path in folder.rglob("*.lock"))
    for action in ("start", "stop"):
        error_of(server.client.post(f"{V1}/services/nobody/{action}"), 404, "not-found")
    assert sorted(str(path) for path in folder.rglob("*.lock")) == before


VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KNOWN = st.sampled_from(
    ["text", "pipeline", "params", "sets", "version", "launcher", "until", "expected", "user", "on"]
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    path=st.sampled_from(
        ["/runs", "/validate", "/pipelines", "/hosts", "/templates/demo/use", "/hosts/local/drain"]
    ),
    body=st.dictionaries(KNOWN, VALUES, max_size=4),
)
def test_no_body_is_answered_with_a_500(server, path, body):
    answer = server.client.post(f"{V1}{path}", content=json.dumps(body).encode(), headers=JSON)
    assert answer.status_code < 500, (body, answer.text)
    answer.json()
