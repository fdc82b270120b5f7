"""Who may speak to the server: the guard in front of every page, route and WebSocket."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from ui.security import MAX_BODY, Guard

OURS = {"host": "127.0.0.1:8080"}


async def _echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


def client(**options) -> TestClient:
    routes = [
        Route("/page", _echo, methods=["GET", "POST", "PUT", "DELETE"]),
        Route("/_nicegui_ws/socket.io", _echo),
        WebSocketRoute("/_nicegui_ws/socket", _socket),
    ]
    return TestClient(Guard(Starlette(routes=routes), **{"host": "127.0.0.1", **options}))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://127.0.0.1:8080.evil.example", "http://127.0.0.1:9999", "null",
     "http://xn--127-0-0-1:8080", "file://127.0.0.1:8080"],
)  # fmt: skip
def test_A37_other_sites_change_nothing(method, origin):
    assert client().request(method, "/page", headers={**OURS, "origin": origin}).status_code == 403


def test_A37_a_browser_that_says_cross_site_is_believed():
    headers = {**OURS, "sec-fetch-site": "cross-site"}
    assert client().post("/page", headers=headers).status_code == 403
    assert client().get("/page", headers=headers).status_code == 200


def test_our_own_pages_and_programs_may():
    assert client().post("/page", headers={**OURS, "origin": "http://127.0.0.1:8080"}).status_code == 200
    assert client().post("/page", headers=OURS).status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://127.0.0.1:8080.evil.example", "http://evil127.0.0.1:8080"]
)
def test_A38_websockets_of_other_sites_are_refused(origin):
    with pytest.raises(WebSocketDisconnect) as refused, client().websocket_connect(
        "/_nicegui_ws/socket", headers={**OURS, "origin": origin}
    ) as socket:  # fmt: skip
        socket.receive_text()
    assert refused.value.code == 1008


def test_A38_the_long_polling_of_other_sites_is_refused_too():
    headers = {**OURS, "origin": "https://evil.example"}
    assert client().get("/_nicegui_ws/socket.io", headers=headers).status_code == 403


def test_A38_our_own_websocket_is_let_through():
    headers = {**OURS, "origin": "http://127.0.0.1:8080"}
    with client().websocket_connect("/_nicegui_ws/socket", headers=headers) as socket:
        assert socket.receive_text() == "hello"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "10.0.0.8:8080", "", "127.0.0.1:8080@evil", "a/b", "[::1"],
)
def test_A39_foreign_hosts_are_refused(host):
    assert client().get("/page", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "[::1]:8080", "LOCALHOST"])
def test_names_of_this_machine_are_answered(host):
    assert client().get("/page", headers={"host": host}).status_code == 200


def test_a_server_for_others_answers_to_its_addresses_and_the_names_it_was_given():
    open_to_all = client(host="0.0.0.0", hosts=["nodes.example"])
    assert open_to_all.get("/page", headers={"host": "10.0.0.8:8080"}).status_code == 200
    assert open_to_all.get("/page", headers={"host": "nodes.example"}).status_code == 200
    assert open_to_all.get("/page", headers={"host": "evil.example"}).status_code == 400


def test_A40_no_page_can_be_framed_and_refusals_carry_the_headers_too():
    for answer in (client().get("/page", headers=OURS), client().get("/page", headers={"host": "evil"})):
        assert answer.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_A15_large_bodies_are_refused_announced_or_not():
    announced = client().post("/page", content=b"x" * (MAX_BODY + 1), headers=OURS)
    assert announced.status_code == 413

    def chunks():
        for _ in range(MAX_BODY // 2**20 + 2):
            yield b"x" * 2**20

    assert client().post("/page", content=chunks(), headers=OURS).status_code == 413
