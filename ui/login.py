"""The password of a server that others can reach: asked for once per browser, kept as a signed cookie.

Programs send it with every request to the REST interface instead; see ui.credentials.
"""

from __future__ import annotations

import html
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.credentials import Doorkeeper, password_of
from ui.i18n import language, speaking, t
from ui.preferences import before_paint, preferred
from ui.security import PROGRAMS, SAFE_METHODS, header_of, refuse
from ui.sessions import SECONDS, Sessions

COOKIE = "nodegraph_session"
SESSION = "nodegraph.session"  # in the scope of a request: the token of who is logged in
_OPEN = ("/login", "/healthz", "/assets/")
_SHEETS = ("vendor/inter/fonts", "styles/tokens", "styles/base", "styles/panels", "styles/fields")
_PROGRAM_HINT = "Send the password as a bearer token, or by HTTP Basic with any user."
_CHALLENGE = {"www-authenticate": 'Bearer realm="NodeGraph", Basic realm="NodeGraph", charset="UTF-8"'}


class Login:
    """Asks for the password before anything else is answered, WebSockets included.

    `folder` is where logins are kept over a restart; without one they end with the server.
    """

    def __init__(self, app: ASGIApp, *, password: str, folder: Path | None = None) -> None:
        self._app = app
        self._sessions = Sessions(password.encode(), folder)
        self._doorkeeper = Doorkeeper(password.encode())
        self._sockets: dict[str, set[_Socket]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI
        if scope["type"] == "http" and scope["path"].startswith(PROGRAMS):
            await self._program(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == "/login":
            await (await self._login(Request(scope, receive)))(scope, receive, send)
        elif token := self._token_of(scope):
            await self._known(token, {**scope, SESSION: token}, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "log in first"})
        elif scope["path"].startswith(_OPEN):
            await self._app(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD") and "text/html" in header_of(scope, b"accept"):
            await RedirectResponse(f"/login{_wish(scope)}", 303)(scope, receive, send)
        else:
            await refuse(scope, send, 401, "Log in first.")

    async def _known(self, token: str, scope: Scope, receive: Receive, send: Send) -> None:
        """What is asked by somebody who is logged in."""
        if scope["type"] == "websocket":
            socket = _Socket(send)
            self._sockets.setdefault(token, set()).add(socket)
            try:
                await self._app(scope, receive, socket.send)
            finally:
                self._sockets[token].discard(socket)
                if not self._sockets[token]:
                    del self._sockets[token]
        elif scope["path"] == "/logout" and scope["method"] == "POST":
            self._sessions.end(token)
            for socket in list(self._sockets.get(token, ())):
                await socket.close()
            answer = RedirectResponse("/login", 303)
            answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _program(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What is asked of the REST interface: by a program with the password, or by our own pages."""
        given = password_of(scope)
        if given is None:
            if self._token_of(scope) and (scope["method"] in SAFE_METHODS or _from_our_page(scope)):
                await self._app(scope, receive, send)
            else:
                await refuse(scope, send, 401, "The password is missing.", _PROGRAM_HINT, _CHALLENGE)
            return
        verdict = await self._doorkeeper.check(given, _address(scope))
        if verdict == "right":
            await self._app(scope, receive, send)
        elif verdict == "busy":
            message = "Too many passwords are being tried."
            await refuse(scope, send, 429, message, "Try again in a while.", {"retry-after": "20"})
        else:
            await refuse(scope, send, 401, "That is not the password.", _PROGRAM_HINT, _CHALLENGE)

    async def _login(self, request: Request) -> Response:
        chosen, wish = preferred(request)
        before = before_paint(chosen, wish)
        with speaking(chosen):
            if request.method != "POST":
                if self._token_of(request.scope):
                    return RedirectResponse(_target(request.query_params.get("to", "")), 303)
                return HTMLResponse(_page(before))
            given = parse_qs((await request.body()).decode("utf-8", "replace")).get("password", [""])[0]
            verdict = await self._doorkeeper.check(given.encode(), _address(request.scope))
            if verdict == "busy":
                return HTMLResponse(
                    _page(before, t("Too many passwords are being tried. Try again in a while.")), 429
                )
            if verdict == "wrong":
                return HTMLResponse(_page(before, t("That is not the password.")), 401)
        answer = RedirectResponse(_target(request.query_params.get("to", "")), 303)
        answer.set_cookie(
            COOKIE, self._sessions.begin(), max_age=SECONDS, httponly=True, samesite="strict", path="/"
        )
        return answer

    def _token_of(self, scope: Scope) -> str | None:
        """The token of whoever asks; None where that is nobody who is logged in."""
        try:
            found = SimpleCookie(header_of(scope, b"cookie")).get(COOKIE)
        except CookieError:
            return None
        return found.value if found is not None and self._sessions.knows(found.value) else None


class _Socket:
    """An open WebSocket that can be closed from outside; what the app says from then on is not heard."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._closed = False

    async def send(self, message: Message) -> None:
        if not self._closed:
            await self._send(message)

    async def close(self) -> None:
        self._closed = True
        await self._send({"type": "websocket.close", "code": 1008, "reason": "logged out"})


def _address(scope: Scope) -> str:
    return str((scope.get("client") or ("?",))[0])


def _wish(scope: Scope) -> str:
    """What was asked for, for after the login; nothing where that was the first page."""
    query = scope["query_string"].decode("latin-1")
    wanted = quote(scope["path"]) + (f"?{query}" if query else "")
    return "" if wanted == "/" else f"?to={quote(wanted, safe='/')}"


def _target(wanted: str) -> str:
    """An address of this server; the first page in place of any other that somebody had put into a link."""
    ours = wanted.startswith("/") and not wanted.startswith("//")
    return wanted if ours and "\\" not in wanted and wanted.isprintable() else "/"


def _from_our_page(scope: Scope) -> bool:
    """Whether a browser says so itself; where it names another site, the guard has refused it already."""
    return bool(header_of(scope, b"origin") or header_of(scope, b"sec-fetch-site"))


def _page(before: str, wrong: str = "") -> str:
    note = f'<p class="msg" data-state="failed" role="alert">{html.escape(wrong)}</p>' if wrong else ""
    sheets = "".join(f'<link rel="stylesheet" href="/assets/{path}.css">' for path in _SHEETS)
    return f"""<!doctype html><html lang="{language()}"><head><meta charset="utf-8">
<title>NodeGraph</title>{before}{sheets}</head>
<body class="login"><form method="post" class="card"><h1>NodeGraph</h1>{note}
<label for="password">{html.escape(t("Password"))}</label>
<input class="input" id="password" name="password" type="password" autofocus autocomplete="current-password">
<button class="btn primary lg" data-action="login">{html.escape(t("Log in"))}</button></form></body></html>"""
