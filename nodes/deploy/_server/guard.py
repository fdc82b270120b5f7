"""What stands before every request: the Host it names, the API key where there is one, the body's size."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi.responses import JSONResponse

from nodes.deploy._server.errors import error_body

KEY_WANTED = "The API key is wrong or missing. Send it as: Authorization: Bearer KEY."
LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Guard:
    """Refuses foreign Host headers (a web page whose name was rebound to here), wrong keys, large bodies."""

    def __init__(self, app: Any, key: str | None, body_limit: int) -> None:
        self._app = app
        self._key = key.encode() if key else None
        self._body_limit = body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it here."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        headers = dict(scope["headers"])
        if _host(headers.get(b"host", b"")) not in LOOPBACK:
            return _answer(400, "This service answers to 127.0.0.1 and localhost only.", "invalid_host")
        if self._key is not None and scope["path"].startswith("/v1") and not self._has_key(headers):
            return _answer(401, KEY_WANTED, "invalid_api_key")
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > self._body_limit:
            return _answer(413, f"The body is larger than {self._body_limit} bytes.", "body_too_large")
        return None

    def _has_key(self, headers: dict[bytes, bytes]) -> bool:
        scheme, _, given = headers.get(b"authorization", b"").partition(b" ")
        return scheme.lower() == b"bearer" and secrets.compare_digest(given.strip(), self._key or b"")


def _host(header: bytes) -> str:
    host = header.decode("latin-1").lower()
    name, _, port = host.rpartition(":")
    return name if port.isdigit() else host


def _answer(status: int, message: str, code: str) -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(error_body(status, message, code), status, headers)
