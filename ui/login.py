"""The password of a server that others can reach: asked for once per browser, kept as a signed cookie."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import html
import secrets
import time
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.i18n import speaking, t
from ui.preferences import LANGUAGE_COOKIE
from ui.security import refuse

COOKIE = "nodegraph_session"
_DAYS = 30
_OPEN = ("/login", "/healthz", "/assets/")
_WAIT_SECONDS = 1.0


class Login:
    """Asks for the password before anything else is answered, WebSockets included."""

    def __init__(self, app: ASGIApp, *, password: str) -> None:
        self._app = app
        self._password = password.encode()
        # Sessions end with the server; a changed password ends them too.
        self._key = hashlib.sha256(secrets.token_bytes(32) + self._password).digest()
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI
        if scope["type"] == "lifespan" or self._knows(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "log in first"})
        elif scope["path"] == "/login":
            await (await self._login(Request(scope, receive)))(scope, receive, send)
        elif scope["path"].startswith(_OPEN):
            await self._app(scope, receive, send)
        elif scope["method"] == "GET" and "text/html" in _header(scope, b"accept"):
            await RedirectResponse("/login", 303)(scope, receive, send)
        else:
            await refuse(send, 401, "Log in first.")

    async def _login(self, request: Request) -> Response:
        chinese = request.cookies.get(LANGUAGE_COOKIE) == "zh"
        with speaking("zh" if chinese else "en"):
            if request.method != "POST":
                return HTMLResponse(_page())
            given = parse_qs((await request.body()).decode("utf-8", "replace")).get("password", [""])[0]
            # One guess a second, from all guessers together.
            async with self._one_at_a_time:
                right = hmac.compare_digest(given.encode(), self._password)
                if not right:
                    await asyncio.sleep(_WAIT_SECONDS)
            if not right:
                return HTMLResponse(_page(t("That is not the password.")), 401)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(
            COOKIE, self._token(), max_age=_DAYS * 86400, httponly=True, samesite="strict", path="/"
        )
        return answer

    def _knows(self, scope: Scope) -> bool:
        try:
            found = SimpleCookie(_header(scope, b"cookie")).get(COOKIE)
        except CookieError:
            return False
        if found is None:
            return False
        until, _, signature = found.value.partition(".")
        return (
            until.isascii() and until.isdigit() and int(until) > time.time()
            and hmac.compare_digest(signature, self._sign(until))
        )  # fmt: skip

    def _token(self) -> str:
        until = str(int(time.time()) + _DAYS * 86400)
        return f"{until}.{self._sign(until)}"

    def _sign(self, until: str) -> str:
        return hmac.new(self._key, until.encode(), hashlib.sha256).hexdigest()


def _header(scope: Scope, wanted: bytes) -> str:
    values = [value.decode("latin-1") for name, value in scope["headers"] if name == wanted]
    return "; ".join(values)


def _page(wrong: str = "") -> str:
    note = f'<p class="msg" data-state="failed" role="alert">{html.escape(wrong)}</p>' if wrong else ""
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>NodeGraph</title>
<link rel="stylesheet" href="/assets/styles/tokens.css"><link rel="stylesheet" href="/assets/styles/base.css">
<link rel="stylesheet" href="/assets/styles/panels.css"></head>
<body class="login"><form method="post" action="/login" class="card"><h1>NodeGraph</h1>{note}
<label for="password">{html.escape(t("Password"))}</label>
<input class="input" id="password" name="password" type="password" autofocus autocomplete="current-password">
<button class="btn primary lg" data-action="login">{html.escape(t("Log in"))}</button></form></body></html>"""
