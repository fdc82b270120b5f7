"""`nodegraph images build|list|push`: the container images that nodes run in with the launcher docker."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from executor.cli.arguments import add_data_dir, add_json
from executor.cli.output import print_json, print_table, printable, size
from executor.services.workspace import Workspace


def arguments(parser: argparse.ArgumentParser) -> None:
    """An action, an environment, and how its image is made."""
    actions = parser.add_subparsers(dest="action", metavar="build|list|push", required=True)
    build = actions.add_parser("build", help="make the image of an environment, unless it is there")
    build.add_argument("environment", metavar="ENV")
    build.add_argument("--base", metavar="IMAGE", help="the image to start from, with Python 3.11 or newer")
    build.add_argument("--cpu", action=argparse.BooleanOptionalAction, help="torch's build without CUDA")
    build.add_argument("--wheelhouse", metavar="DIR", type=Path, help="a folder of wheels, asked first")
    push = actions.add_parser("push", help="send the image of an environment to a registry")
    push.add_argument("environment", metavar="ENV")
    push.add_argument("--registry", metavar="HOST/FOLDER", help="default: $NODEGRAPH_REGISTRY")
    listed = actions.add_parser("list", help="list the images that there are")
    for action in (build, listed):
        action.add_argument("--host", default="local", metavar="NAME", help="the host; default: this machine")
    for action in (build, push, listed):
        add_json(action)
        add_data_dir(action)


def execute(args: argparse.Namespace) -> int:
    """0 where it worked."""
    with Workspace(args.data_dir) as workspace:
        shelf = workspace.image_shelf
        if args.action == "list":
            entries = [{**asdict(entry)} for entry in shelf.list(args.host)]
            if args.json:
                print_json({"images": entries})
            else:
                columns = ("ENVIRONMENT", "IMAGE", "SIZE", "MADE", "")
                print_table(columns, [_row(entry) for entry in entries])
            return 0
        if args.action == "build":
            name = shelf.build(
                args.environment, _say, base=args.base, cpu=args.cpu, wheelhouse=args.wheelhouse,
                host=args.host,
            )  # fmt: skip
        else:
            name = shelf.push(args.environment, _say, args.registry)
    if args.json:
        print_json({"image": name})
    else:
        print(name)
    return 0


def _row(entry: dict[str, object]) -> tuple[object, ...]:
    made = datetime.fromtimestamp(float(str(entry["created"]))).strftime("%Y-%m-%d %H:%M")
    use = "in use" if entry["current"] else "outdated"
    return entry["environment"], entry["tag"], size(int(str(entry["bytes"]))), made, use


def _say(sentence: str) -> None:
    if sentence:
        print(printable(sentence), file=sys.stderr)
