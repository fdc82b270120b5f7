"""Who may speak to the server, and what browsers may do with its answers.

The server answers only to names it goes by (A39), changes nothing for pages of other sites (A37, A38), and
cannot be framed (A40). Requests have a largest size (A15); uploads count their own bytes.
"""

from __future__ import annotations

import ipaddress
import json
import re
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 8 * 1024**2
_TOO_LARGE = f"The request is larger than {MAX_BODY // 1024**2} MB."
UPLOADS = "/upload/"
# What programs ask for rather than people: refusals have the form of REST errors there.
PROGRAMS = ("/api/", "/metrics", "/openapi.json")
_CODES = {400: "bad-request", 401: "unauthorized", 403: "forbidden", 413: "too-large", 429: "too-many"}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_SOCKETS = "/_nicegui_ws/"
_HOST = re.compile(r"^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$")

# NiceGUI's pages hold their start-up script inline, and Vue compiles templates in the browser.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


class Guard:
    """Lets through what comes from our own pages, refuses the rest, and puts headers on every answer."""

    def __init__(self, app: ASGIApp, *, host: str, hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._names = {"localhost", host.lower(), socket.gethostname().lower(), *(h.lower() for h in hosts)}
        self._any_address = not is_loopback(host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refusal(scope, headers)
        if refusal is None:
            await self._app(scope, _limited(scope, receive), _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refusal[1]})
        else:
            await refuse(scope, _with_headers(send), *refusal)

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        if not self._is_ours(headers.get("host", "")):
            return 400, "This server does not go by that name. Start it with --allow-host NAME to add one."
        reading = scope["type"] == "http" and scope["method"] in SAFE_METHODS
        if (not reading or scope["path"].startswith(_SOCKETS)) and not _same_origin(scope, headers):
            return 403, "This request comes from another site."
        size = headers.get("content-length", "0")
        if not scope["path"].startswith(UPLOADS) and (not size.isdigit() or int(size) > MAX_BODY):
            return 413, _TOO_LARGE
        return None

    def _is_ours(self, host: str) -> bool:
        match = _HOST.match(host)
        if match is None:
            return False
        name = match[1].lower()
        if name in self._names:
            return True
        # A foreign page can give its own name our address, but not have the browser ask for a bare address.
        return is_loopback(name) or (self._any_address and _is_address(name))


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server on that host."""
    if host.lower() == "localhost":
        return True
    return _is_address(host) and ipaddress.ip_address(host.strip("[]")).is_loopback


async def refuse(
    scope: Scope, send: Send, status: int, message: str, hint: str = "", headers: dict[str, str] | None = None
) -> None:
    """Answer with an error as JSON."""
    error = {"message": message, "hint": hint}
    said = {"error": {"code": _CODES[status], **error}} if scope["path"].startswith(PROGRAMS) else error
    body = json.dumps(said).encode()
    sent = {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})}
    listed = [(name.encode(), value.encode()) for name, value in sent.items()]
    await send({"type": "http.response.start", "status": status, "headers": listed})
    await send({"type": "http.response.body", "body": body})


def header_of(scope: Scope, wanted: bytes) -> str:
    """A header of a request; several of that name as one."""
    return "; ".join(value.decode("latin-1") for name, value in scope["headers"] if name == wanted)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _same_origin(scope: Scope, headers: dict[str, str]) -> bool:
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin is None:
        return True  # no browser; those always say where a request that changes something comes from
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and parts.netloc.lower() == headers.get("host", "").lower()


def _limited(scope: Scope, receive: Receive) -> Receive:
    """Receive with a cap, for those who do not say beforehand how much they send."""
    if scope["type"] != "http" or scope["path"].startswith(UPLOADS):
        return receive
    seen = 0

    async def capped() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY:
            raise HTTPException(413, _TOO_LARGE)
        return message

    return capped


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message.get("headers", [])}
            added = [(k.encode(), v.encode()) for k, v in HEADERS.items() if k.encode() not in present]
            message["headers"] = [*message.get("headers", []), *added]
        await send(message)

    return sending
