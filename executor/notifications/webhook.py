"""Notifications as an HTTP POST of JSON, to the address that was checked; redirects are not followed."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult

from executor.notifications.addresses import parsed, port_of, resolved
from executor.notifications.chats import chat_fault, shaped
from executor.notifications.model import Letter, Undelivered

if TYPE_CHECKING:
    import httpx

HEADER = "X-NodeGraph-Delivery"
_SECONDS = 15.0
_MOST_BYTES = 64 * 1024


def post(url: str, letter: Letter, allowed: Collection[str]) -> None:
    """Send a notification; Undelivered where its receiver did not take it. `allowed` are hosts by name."""
    import httpx

    parts = parsed(url)
    host = (parts.hostname or "").rstrip(".")
    addresses = resolved(host, port_of(parts), allowed)
    client = httpx.Client(
        # No proxy: it would connect to addresses that nobody has checked. SSL_CERT_FILE still counts.
        trust_env=False,
        verify=httpx.create_ssl_context(trust_env=True),
        follow_redirects=False,
        timeout=_SECONDS,
    )
    try:
        with client:
            status, content = _posted(client, parts, addresses, shaped(host, letter.payload), letter.id)
    except httpx.TimeoutException:
        raise Undelivered(f"{host} did not answer within {_SECONDS:g} s.") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        # Some of these errors repeat the address, which may hold a token.
        raise Undelivered(f"{host} cannot be reached ({type(error).__name__}).", "Is it running?") from None
    _refuse(host, status, content)


def _posted(
    client: httpx.Client, parts: SplitResult, addresses: list[str], body: Any, key: str
) -> tuple[int, bytes]:
    import httpx

    for address in addresses[:-1]:
        try:
            return _post(client, parts, address, body, key)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            continue
    return _post(client, parts, addresses[-1], body, key)


def _post(client: httpx.Client, parts: SplitResult, address: str, body: Any, key: str) -> tuple[int, bytes]:
    numeric = f"[{address}]" if ":" in address else address
    query = f"?{parts.query}" if parts.query else ""
    headers = {"Host": parts.netloc, "User-Agent": "NodeGraph", HEADER: key, "Accept-Encoding": "identity"}
    request = client.stream(
        "POST", f"{parts.scheme}://{numeric}:{port_of(parts)}{parts.path or '/'}{query}", json=body,
        headers=headers, extensions={"sni_hostname": parts.hostname},
    )  # fmt: skip
    until = time.monotonic() + _SECONDS
    with request as response:
        content = b""
        for part in response.iter_bytes():
            content += part
            if len(content) > _MOST_BYTES or time.monotonic() > until:
                break
        return response.status_code, content


def _refuse(host: str, status: int, content: bytes) -> None:
    if 300 <= status < 400:
        message = f"{host} answered with a redirect (HTTP {status}), which is not followed."
        raise Undelivered(message, "Give its final address.")
    if not 200 <= status < 300:
        raise Undelivered(f"{host} answered with HTTP {status}.")
    if fault := chat_fault(host, content):
        raise Undelivered(f"{host} did not take it: {fault}.")
