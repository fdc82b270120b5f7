"""A server that others can reach asks for its password."""

from __future__ import annotations

import time

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from nodegraph.errors import InvalidInput
from ui import credentials
from ui.login import COOKIE, Login
from ui.server import check_options
from ui.sessions import Sessions
from ui.site import Options

HTML = {"accept": "text/html"}


async def _page(request: Request) -> PlainTextResponse:
    return PlainTextResponse("inside")


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


async def _open(socket: WebSocket) -> None:
    await socket.accept()
    await socket.receive()


@pytest.fixture
def client(monkeypatch, tmp_path):
    monkeypatch.setattr(credentials, "WAIT_SECONDS", 0.05)
    routes = [
        Route("/", _page), Route("/healthz", _page), Route("/assets/styles/base.css", _page),
        WebSocketRoute("/socket", _socket), WebSocketRoute("/open", _open),
    ]  # fmt: skip
    return _client(Login(Starlette(routes=routes), password="correct horse", folder=tmp_path / "sessions"))


def _client(login):
    return TestClient(login, follow_redirects=False)


def test_nothing_is_shown_before_the_password(client):
    assert client.get("/", headers=HTML).headers["location"] == "/login"
    assert client.get("/").status_code == 401
    assert client.post("/").status_code == 401
    assert client.get("/healthz").text == "inside"
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/socket"):
        pass


def test_the_page_of_the_password_speaks_the_language_of_the_browser(client):
    assert "密码" in client.get("/login", headers={"accept-language": "zh-CN,zh;q=0.9"}).text
    assert "Password" in client.get("/login", headers={"accept-language": "de"}).text
    client.cookies.set("nodegraph_theme", "dark")
    assert '"dark"' in client.get("/login").text


def test_the_right_password_opens_and_the_cookie_is_not_for_scripts(client):
    answer = client.post("/login", data={"password": "correct horse"})
    assert answer.status_code == 303
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert client.get("/", headers=HTML).text == "inside"
    with client.websocket_connect("/socket"):
        pass


def test_the_password_leads_on_to_what_was_asked_for(client):
    asked = client.get("/runs/5?view=table&of=前", headers=HTML).headers["location"]
    assert asked == "/login?to=/runs/5%3Fview%3Dtable%26of%3D%25E5%2589%258D"
    assert client.post(asked, data={"password": "wrong"}).status_code == 401
    answer = client.post(asked, data={"password": "correct horse"})
    assert answer.headers["location"] == "/runs/5?view=table&of=%E5%89%8D"


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil", "javascript:1"]
)
def test_a_link_to_the_login_leads_nowhere_else(client, to):
    answer = client.post("/login", params={"to": to}, data={"password": "correct horse"})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("given", ["wrong", "", "correct horsé", "x" * 100_000])
def test_a_wrong_password_is_told_so_after_a_wait(client, given):
    started = time.monotonic()
    answer = client.post("/login", data={"password": given})
    assert answer.status_code == 401
    assert "That is not the password." in answer.text
    assert time.monotonic() - started >= 0.05
    assert client.get("/").status_code == 401


@pytest.mark.parametrize(
    "cookie", ["99999999999-x.00", "99999999999.00", "0.", ".", "x", "99999999999", "²5.a"]
)
def test_a_made_up_cookie_opens_nothing(client, cookie):
    assert client.get("/", headers={"cookie": f"{COOKIE}={cookie}".encode()}).status_code == 401


def test_the_sign_of_another_server_opens_nothing(client, monkeypatch):
    token = Sessions(b"correct horse").begin()
    assert client.get("/", headers={"cookie": f"{COOKIE}={token}"}).status_code == 401


def test_who_logs_out_is_out_at_once_in_all_windows(client):
    client.post("/login", data={"password": "correct horse"})
    cookie = {"cookie": f"{COOKIE}={client.cookies[COOKIE]}"}
    with client.websocket_connect("/open") as socket:
        assert client.post("/logout").headers["location"] == "/login"
        with pytest.raises(WebSocketDisconnect):
            socket.receive_text()
    assert client.get("/", headers=HTML).headers["location"] == "/login"
    assert client.get("/", headers=cookie).status_code == 401, "a copy of the cookie opens nothing either"


def test_logins_and_logouts_outlive_a_restart_and_end_with_another_password(tmp_path):
    before = Sessions(b"correct horse", tmp_path / "sessions")
    stays, leaves = before.begin(), before.begin()
    before.end(leaves)
    after = Sessions(b"correct horse", tmp_path / "sessions")
    assert after.knows(stays) and not after.knows(leaves)
    assert not Sessions(b"another horse", tmp_path / "sessions").knows(stays)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "sessions").iterdir()} == {0o600}


def test_A35_a_server_for_others_does_not_start_without_a_password():
    with pytest.raises(InvalidInput, match="needs a password"):
        check_options(Options(host="0.0.0.0"))
    with pytest.raises(InvalidInput, match="at least 8"):
        check_options(Options(host="0.0.0.0", password="short"))
    check_options(Options(host="0.0.0.0", password="long enough"))
    check_options(Options(host="127.0.0.1"))
    check_options(Options(host="::1"))
