"""`nodegraph run FILE`: run a pipeline and watch it to its end."""

from __future__ import annotations

import argparse
import getpass
from pathlib import Path

from executor.cli.arguments import add_data_dir, add_json, add_params, pairs, read_file
from executor.cli.output import print_json
from executor.cli.summary import print_run
from executor.cli.times import moment, span
from executor.cli.told import print_told
from executor.cli.watching import watch
from executor.services.workspace import Workspace

# How long the end of a command waits for mail and webhooks.
_SETTLE_SECONDS = 20.0


def arguments(parser: argparse.ArgumentParser) -> None:
    """FILE and what a run may be told."""
    parser.add_argument("file", metavar="FILE", type=Path)
    add_params(parser)
    parser.add_argument(
        "--set",
        metavar="NODE.PARAM=V",
        action="append",
        default=[],
        help="another value for a node's parameter; may be given several times",
    )
    parser.add_argument("--launcher", metavar="NAME", default="process", help="process (default) or docker")
    parser.add_argument("--until", metavar="NODE", help="run this node and what it needs, no more")
    parser.add_argument(
        "--from", dest="from_node", metavar="NODE", help="run this node and what follows anew"
    )
    parser.add_argument("--no-cache", action="store_true", help="run every node, whatever the cache holds")
    add_options(parser)
    add_json(parser)
    add_data_dir(parser)


def add_options(parser: argparse.ArgumentParser) -> None:
    """--priority, --at, --time-limit, --resubmit."""
    parser.add_argument("--priority", metavar="N", type=int, default=0, help="higher goes first; usually 0")
    parser.add_argument("--at", metavar="TIME", help="start at 22:00, at 2026-11-21T22:00, or in +30m")
    parser.add_argument("--time-limit", metavar="D", help="stop the run after so long, such as 6h or 30m")
    parser.add_argument(
        "--resubmit", metavar="N", type=int, default=0, help="run again so often where infrastructure fails"
    )


def execute(args: argparse.Namespace) -> int:
    """0 where the run succeeded, 1 where it did not, 2 where nothing was started."""
    text = read_file(args.file)
    params, sets = pairs(args.param, "--param"), pairs(args.set, "--set")
    with Workspace(args.data_dir, engine=True) as workspace:
        run = workspace.runs.submit(
            text,
            args.file.absolute().parent,
            params=params,
            sets=sets,
            launcher=args.launcher,
            until=args.until,
            from_node=args.from_node,
            use_cache=not args.no_cache,
            trigger="cli",
            user=user_name(),
            priority=args.priority,
            not_before=moment(args.at) if args.at else None,
            time_limit=span(args.time_limit, "--time-limit") if args.time_limit else None,
            resubmits=args.resubmit,
        )
        return finish(workspace, run, as_json=args.json)


def user_name() -> str:
    """The name of the person at this machine; empty where it knows none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def finish(workspace: Workspace, run: int, *, as_json: bool) -> int:
    """Watch a run to its end and print how it went; 0 where it succeeded, else 1."""
    view = watch(workspace.runs, run)
    if as_json:
        print_json(workspace.runs.result(run))
    else:
        print_run(view)
    if workspace.engine is not None:
        # Nobody else may come to send them.
        workspace.notifications.settle(run, _SETTLE_SECONDS)
    if not as_json:
        print_told(workspace.notifications.of_run(run))
    return 0 if view.state == "succeeded" else 1
