"""`nodegraph logs RUN [NODE]`: what the nodes printed, byte for byte."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from executor.cli.arguments import add_data_dir
from executor.cli.summary import say_unattended
from executor.services.runs import Runs
from executor.services.workspace import Workspace


def arguments(parser: argparse.ArgumentParser) -> None:
    """RUN, [NODE], --attempt, --follow."""
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("node", metavar="NODE", nargs="?", help="one node; else all, each under its name")
    parser.add_argument("--attempt", metavar="N", type=int, help="an attempt other than the latest")
    parser.add_argument("--follow", action="store_true", help="go on until the run ends")
    add_data_dir(parser)


def execute(args: argparse.Namespace) -> int:
    """0; an unknown run, node or attempt is the person's mistake."""
    with Workspace(args.data_dir) as workspace:
        view = workspace.runs.get(args.run)
        if args.follow and not view.final:
            if not workspace.attended:
                say_unattended(view.id)
            _follow(workspace.runs, view.id, args.node)
            return 0
        for name in [args.node] if args.node else view.nodes:
            _write(workspace.runs.log_pieces(args.run, name, args.attempt), None if args.node else name)
    return 0


def _follow(runs: Runs, run: int, only: str | None) -> None:
    if only:
        runs.attempts(run, only)
    last = None
    for update in runs.follow(run):
        if update.kind == "log" and update.node and only in (None, update.node):
            where = update.data
            new = runs.log_pieces(
                run, update.node, where["attempt"], offset=where["offset"], limit=where["size"]
            )
            _write(new, None if only or update.node == last else update.node)
            last = update.node


def _write(pieces: Iterable[bytes], title: str | None) -> None:
    for piece in pieces:
        if title:
            sys.stdout.write(f"── {title}\n")
            sys.stdout.flush()
            title = None
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()
