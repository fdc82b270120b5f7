"""Who may use the interface: with a password nobody without it, from other sites nobody at all."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from tests.executor.api.support import V1, Server, error_of
from tests.executor.support import pipeline
from ui import credentials
from ui.login import COOKIE

PASSWORD = "correct hörse battery"
OPEN = {("GET", "/healthz")}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("guarded"), password=PASSWORD, engine=False)
    yield made
    made.stop()


def bearer(password: str = PASSWORD) -> dict[str, bytes]:
    return {"authorization": b"Bearer " + password.encode()}


def basic(user: str, password: str = PASSWORD) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def routes(server: Server) -> list[tuple[str, str]]:
    """Every route of the app, with something in place of its parameters."""
    return [
        (method, re.sub(r"\{[^}]+\}", "1", route.path or ""))
        for route in iter_route_contexts(server.app.routes)
        for method in sorted(route.methods or ())
    ]


def test_A31_nothing_is_answered_without_the_password(guarded):
    found = routes(guarded)
    assert len(found) > 40
    for method, path in found:
        answer = guarded.client.request(method, path)
        if (method, path) in OPEN:
            assert answer.status_code == 200
        elif method == "HEAD":
            assert answer.status_code == 401
        else:
            error_of(answer, 401, "unauthorized")
            assert "Bearer" in answer.headers["www-authenticate"]


def test_A31_nothing_beside_the_routes_is_answered_either(guarded):
    for path in ("/api/v1/nothing", "/api/", "/api/v2/runs", "/metrics/", "/metricsx", "/openapi.json/x"):
        assert guarded.client.get(path).status_code == 401, path
    for path in ("/healthz/../api/v1/runs", "/healthz/%2e%2e/api/v1/runs", "//api/v1/runs", "/API/v1/runs"):
        answer = guarded.client.get(f"http://127.0.0.1:{guarded.port}{path}")
        assert answer.status_code in (401, 404) and "runs" not in answer.text, path


@pytest.mark.parametrize("headers", [bearer(), basic(""), basic("prometheus"), basic(["a", "b"][0])])
def test_the_password_opens_as_a_token_and_by_basic(guarded, headers):
    for path in (f"{V1}/runs", "/metrics", "/openapi.json"):
        assert guarded.client.get(path, headers=headers).status_code == 200
    body = {"text": pipeline("a: {type: custom.make}")}
    assert guarded.client.post(f"{V1}/validate", json=body, headers=headers).status_code == 200


def test_A34_wrong_passwords_are_refused_one_after_the_other(guarded, monkeypatch):
    monkeypatch.setattr(credentials, "WAIT_SECONDS", 0.01)
    wrong: list[dict[str, Any]] = [
        bearer("wrong"), basic("u", "wrong"), {"authorization": "Basic !!"}, {"authorization": "Bearer"},
        {"authorization": "Digest x"}, {"authorization": ""}, bearer("x" * 50_000), bearer(PASSWORD + "x"),
        bearer(PASSWORD[:-1]), basic(PASSWORD, ""), {"authorization": b"Bearer \xff\xfe"},
    ]  # fmt: skip
    for headers in wrong:
        error_of(guarded.client.get(f"{V1}/runs", headers=headers), 401, "unauthorized")
    assert guarded.client.get(f"{V1}/runs", headers=bearer()).status_code == 200


def test_A34_many_guesses_at_once_wait_in_a_short_line(guarded, monkeypatch, caplog):
    monkeypatch.setattr(credentials, "WAIT_SECONDS", 0.02)

    async def guess_all() -> list[int]:
        url = f"http://127.0.0.1:{guarded.port}{V1}/runs"
        limits = httpx.Limits(max_connections=60)
        async with httpx.AsyncClient(timeout=60, limits=limits) as client:
            guesses = (client.get(url, headers=bearer(f"guess {n}")) for n in range(60))
            return [answer.status_code for answer in await asyncio.gather(*guesses)]

    found = asyncio.run(guess_all())
    assert set(found) == {401, 429}
    assert "wrong password" in caplog.text, "it is written down"
    assert guarded.client.get(f"{V1}/runs", headers=bearer()).status_code == 200


def test_A37_a_browsers_session_changes_things_from_our_own_pages_only(guarded):
    origin = f"http://127.0.0.1:{guarded.port}"
    with httpx.Client(base_url=origin, timeout=60) as browser:
        assert browser.post("/login", data={"password": PASSWORD}).status_code == 303
        assert COOKIE in browser.cookies
        assert browser.get(f"{V1}/runs").status_code == 200
        body = {"text": pipeline("a: {type: custom.make}")}
        assert browser.post(f"{V1}/validate", json=body, headers={"origin": origin}).status_code == 200
        for headers in (
            {"origin": "https://evil.example"},
            {"sec-fetch-site": "cross-site"},
            {"origin": "null"},
        ):
            error_of(browser.post(f"{V1}/validate", json=body, headers=headers), 403, "forbidden")
        error_of(browser.post(f"{V1}/validate", json=body), 401, "unauthorized")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1.evil.example", "null"])
def test_A37_other_sites_change_nothing(server, method, origin):
    for route in (f"{V1}/pipelines/x", f"{V1}/runs", f"{V1}/hosts/local"):
        answer = server.client.request(method, route, headers={"origin": origin}, json={})
        error_of(answer, 403, "forbidden")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80"])
def test_A39_foreign_hosts_are_refused(server, host):
    error_of(server.client.get(f"{V1}/runs", headers={"host": host}), 400, "bad-request")
    assert server.client.get("/healthz", headers={"host": host}).status_code == 400


def test_A40_answers_carry_the_headers_of_every_answer(server):
    for path in (f"{V1}/runs", f"{V1}/nothing", "/metrics", "/openapi.json", "/healthz"):
        answer = server.client.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["x-frame-options"] == "DENY"
        assert "access-control-allow-origin" not in answer.headers
