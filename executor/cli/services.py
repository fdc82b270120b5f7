"""`nodegraph services`: deployed services; start, stop, logs and example calls of one."""

from __future__ import annotations

import argparse
import sys

from executor.cli.arguments import add_data_dir, add_json
from executor.cli.output import print_json, print_table
from executor.services.deployments import Services, as_record
from executor.services.workspace import Workspace
from nodegraph.errors import InvalidInput

_ACTIONS = ("list", "start", "stop", "logs", "example")


def arguments(parser: argparse.ArgumentParser) -> None:
    """[ACTION], [NAME], --json."""
    parser.add_argument(
        "action", metavar="ACTION", nargs="?", default="list", choices=_ACTIONS, help=", ".join(_ACTIONS)
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="a service")
    add_json(parser)
    add_data_dir(parser)


def execute(args: argparse.Namespace) -> int:
    """0; an unknown service is the person's mistake."""
    with Workspace(args.data_dir) as workspace:
        services = workspace.services
        if args.action == "list":
            return _list(services, as_json=args.json)
        if not args.name:
            raise InvalidInput(
                f"Which service should {args.action} act on?", "`nodegraph services` lists them."
            )
        if args.action == "logs":
            print(services.logs(args.name))
        elif args.action == "example":
            for name, text in services.examples(args.name).items():
                print(f"# {name}\n{text}\n")
        else:
            return _change(services, args.action, args.name, as_json=args.json)
    return 0


def _list(services: Services, *, as_json: bool) -> int:
    found = services.list()
    if as_json:
        print_json({"services": [as_record(live) for live in found]})
    elif not found:
        print("No services yet. A deploy.service node makes one.")
    else:
        print_table(
            ["SERVICE", "STATE", "ADDRESS", "RUN", "WHY"],
            ((live.name, live.state, live.base_url, live.run_id or "", live.reason) for live in found),
        )
    return 0


def _change(services: Services, action: str, name: str, *, as_json: bool) -> int:
    if action == "stop":
        live = services.stop(name)
    else:
        live = services.start(name, lambda sentence: print(sentence, file=sys.stderr))
    if as_json:
        print_json(as_record(live))
    else:
        print(f"{live.name}: {live.state} {live.base_url}")
    return 0
