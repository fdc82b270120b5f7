"""`nodegraph serve`: the editor in the browser."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from executor.services.workspace import Workspace
from nodegraph.registry import DEFAULT_ROOT
from ui.site import Options, Site

SUMMARY = "start the editor in the browser"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `serve` takes."""
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address to listen on (default: this machine only)"
    )
    parser.add_argument("--port", type=int, default=8080, help="the port to listen on (default: 8080)")
    parser.add_argument("--data-dir", metavar="DIR", help="where runs and results are kept")
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME",
        help="a further host name that the server answers to, such as that of a proxy",
    )  # fmt: skip
    parser.add_argument("--max-upload", type=float, default=20.0, metavar="GB", help="the largest upload")
    # For tests with node types of their own.
    parser.add_argument("--nodes-root", type=Path, default=DEFAULT_ROOT, help=argparse.SUPPRESS)


def options_of(args: argparse.Namespace) -> Options:
    """The server's options; the password comes from NODEGRAPH_PASSWORD, where no process list shows it."""
    password = os.environ.get("NODEGRAPH_PASSWORD") or None
    return Options(args.host, args.port, tuple(args.allow_host), password, args.max_upload)


def execute(args: argparse.Namespace) -> int:
    """Serve until stopped."""
    from ui import server

    options = options_of(args)
    server.check_options(options)
    with (
        server.listening(options) as sock,
        Workspace(args.data_dir, engine=True, exclusive=True, nodes_root=args.nodes_root) as workspace,
    ):
        print(f"NodeGraph is at {address(options)}", file=sys.stderr)
        return server.serve(Site(workspace, options), sock)


def address(options: Options, path: str = "/") -> str:
    """Where a browser finds the server."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(options.host, options.host)
    return f"http://{f'[{host}]' if ':' in host and '[' not in host else host}:{options.port}{path}"
