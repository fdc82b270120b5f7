"""Downloads a data file over http or https, with limits on time and size."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nodegraph import NodeFailure
from nodes.preprocess._load.opening import too_large

_TIMEOUT = 30
_ATTEMPTS = 3
_CHUNK = 256 * 1024
_TRANSIENT = (408, 429, 500, 502, 503, 504)
Report = Callable[[float, float | None], None]


def shown_url(url: str) -> str:
    """The address without user, password and query, which may hold secrets."""
    parts = urllib.parse.urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}"


def refuse_scheme(url: str) -> None:
    """Fail for every address that is not http or https."""
    scheme = urllib.parse.urlsplit(url).scheme.lower()
    if scheme not in ("http", "https"):
        hint = (
            "Give the path itself." if scheme == "file" else "Use http or https, a path, or a hub dataset id."
        )
        raise NodeFailure("input", f"Addresses with {scheme}:// are not read.", hint)


def download(url: str, folder: Path, max_bytes: int, report: Report) -> Path:
    """The downloaded file in `folder`, named as in the address."""
    target = folder / (Path(urllib.parse.unquote(urllib.parse.urlsplit(url).path)).name or "download")
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return _fetch(url, target, max_bytes, report)
        except urllib.error.HTTPError as error:
            if error.code not in _TRANSIENT or attempt == _ATTEMPTS:
                raise _refused(url, error.code) from error
        except (OSError, http.client.HTTPException) as error:
            if attempt == _ATTEMPTS:
                raise _unreachable(url, error) from error
        time.sleep(attempt)
    raise AssertionError("unreachable")


def _fetch(url: str, target: Path, max_bytes: int, report: Report) -> Path:
    _refuse_link_local(url)
    request = urllib.request.Request(url, headers={"User-Agent": "nodegraph", "Accept": "*/*"})
    opener = urllib.request.build_opener(_Redirects)
    with opener.open(request, timeout=_TIMEOUT) as answer, target.open("wb") as file:
        if answer.headers.get_content_type() == "text/html":
            raise NodeFailure(
                "input",
                f"{shown_url(url)} answered with a web page, not data.",
                "Use the address of the raw file; a page that asks for a login cannot be read either.",
            )
        total = int(answer.headers.get("Content-Length") or 0) or None
        if total and total > max_bytes:
            raise too_large(shown_url(url), "has", max_bytes)
        done = 0
        while chunk := answer.read(_CHUNK):
            done += len(chunk)
            if done > max_bytes:
                raise too_large(shown_url(url), "has", max_bytes)
            file.write(chunk)
            report(done, total)
        if total and done < total:
            raise http.client.IncompleteRead(b"", total - done)
    return target


class _Redirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        refuse_scheme(newurl)
        _refuse_link_local(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _refuse_link_local(url: str) -> None:
    """Cloud machines hand out their credentials at link-local addresses; no data set lies there."""
    host = urllib.parse.urlsplit(url).hostname or ""
    try:
        addresses = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    except OSError:
        return  # a proxy may know the name; else connecting fails and says so
    if any(ipaddress.ip_address(str(address).partition("%")[0]).is_link_local for address in addresses):
        hint = "Download the data yourself and load it as a path."
        raise NodeFailure("input", f"{host} is a link-local address; it is not read.", hint)


def _refused(url: str, code: int) -> NodeFailure:
    hints = {
        401: "It needs a login; download the file yourself and load it as a path.",
        403: "It is not public; download the file yourself and load it as a path.",
        404: "Check the address.",
    }
    if 300 <= code < 400:
        return NodeFailure(
            "input", f"{shown_url(url)} leads to an address that is not read.", "Use the last address itself."
        )
    return NodeFailure(
        "input" if code < 500 else "infrastructure",
        f"{shown_url(url)} answered with HTTP {code}.",
        hints.get(code, "Try again later, or download the file yourself and load it as a path."),
    )


def _unreachable(url: str, error: Exception) -> NodeFailure:
    reason = getattr(error, "reason", None) or error
    return NodeFailure(
        "infrastructure",
        f"{shown_url(url)} cannot be downloaded: {reason}",
        "Check the network and HTTPS_PROXY, or download the file yourself and load it as a path.",
    )
