"""The server: pages, assets and uploads in one app, the REST interface beside it, behind the guards."""

from __future__ import annotations

import errno
import logging
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from nicegui import ui
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from executor.api.app import create_api, serves
from nodegraph.errors import DataDirError, InvalidInput
from nodegraph.uncollected import uncollected
from ui import assets, pages, styling, uploads
from ui.login import Login
from ui.security import Guard, is_loopback
from ui.site import Options, Site

_GRACE_SECONDS = 3
_SWITCH_SECONDS = 0.0005
_SHORTEST_PASSWORD = 8
_FAVICON = Path(__file__).parent / "styles" / "favicon.svg"


def create_app(site: Site) -> ASGIApp:
    """The whole server as an ASGI app. One per process: NiceGUI keeps its pages in module state."""
    assets.check()
    app = FastAPI(title="NodeGraph", openapi_url=None, docs_url=None, redoc_url=None)
    styling.serve_assets(app)
    styling.link_styles()
    uploads.register(app, site)
    pages.register(app, site)
    ui.run_with(
        app, title="NodeGraph", favicon=_FAVICON, tailwind=False, reconnect_timeout=10.0,
        binding_refresh_interval=None, show_welcome_message=False,
    )  # fmt: skip
    inner = _beside(create_api(site.workspace)[1], _with_heads(app))
    if site.options.password:
        folder = site.workspace.data_dir.root / "sessions"
        inner = Login(inner, password=site.options.password, folder=folder)
    return Guard(inner, host=site.options.host, hosts=site.options.hosts)


def serve(site: Site, sock: socket.socket) -> int:
    """Serve until Ctrl-C or SIGTERM; runs go on without the server, and the next one finds them."""
    # Threads that compute give way often: a person waits for the answer of the event loop.
    sys.setswitchinterval(_SWITCH_SECONDS)
    with uncollected():
        app = create_app(site)
    config = uvicorn.Config(
        app, log_level="warning", timeout_graceful_shutdown=_GRACE_SECONDS, ws_max_size=4 * 1024**2
    )
    logging.getLogger("uvicorn.error").addFilter(_without_cancellations)
    server = uvicorn.Server(config)
    server.run(sockets=[sock])
    return 0 if server.started else 1


def check_options(options: Options) -> None:
    """InvalidInput where others could reach the server without a password (A35)."""
    if is_loopback(options.host) or len(options.password or "") >= _SHORTEST_PASSWORD:
        return
    raise InvalidInput(
        f"Others can reach a server on {options.host}, so it needs a password of at least "
        f"{_SHORTEST_PASSWORD} characters.",
        "Set NODEGRAPH_PASSWORD to one, or leave --host out.",
    )


@contextmanager
def listening(options: Options) -> Iterator[socket.socket]:
    """The port, taken before anything else is started; InvalidInput in one line where it cannot be."""
    with _bound(options) as made:
        yield made


def _bound(options: Options) -> socket.socket:
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((options.host, options.port))
        made.listen(128)
    except OSError as error:
        made.close()
        if error.errno == errno.EADDRINUSE:
            raise InvalidInput(
                f"Port {options.port} of {options.host} is taken by another program;"
                f" choose another with --port {options.port + 1} (make demo PORT={options.port + 1})."
            ) from None
        raise DataDirError(
            f"The server cannot listen on {options.host}:{options.port}: {error.strerror}."
        ) from None
    return made


def _beside(api: ASGIApp, pages: ASGIApp) -> ASGIApp:
    """The REST interface and the pages as one app."""

    async def chosen(scope: Scope, receive: Receive, send: Send) -> None:
        mine = scope["type"] == "http" and serves(scope["path"])
        await (api if mine else pages)(scope, receive, send)

    return chosen


def _with_heads(app: ASGIApp) -> ASGIApp:
    """The same app, which answers HEAD as GET also where its routes do not; the server sends no body then."""

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        refused = False

        async def unless_refused(message: Message) -> None:
            nonlocal refused
            refused |= message.get("status") == 405
            if not refused:
                await send(message)

        if scope["type"] != "http" or scope["method"] != "HEAD":
            await app(scope, receive, send)
            return
        await app(scope, receive, unless_refused)
        if refused:
            await app({**scope, "method": "GET"}, receive, send)

    return answering


def _without_cancellations(record: logging.LogRecord) -> bool:
    """Requests that the end of the server cuts short are no errors."""
    return "Cancel" not in record.getMessage()
