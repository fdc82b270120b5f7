"""`nodegraph show RUN`: a run with its nodes, their results and failures."""

from __future__ import annotations

import argparse

from executor.cli.arguments import add_data_dir, add_json
from executor.cli.output import print_json
from executor.cli.summary import print_run, say_unattended
from executor.cli.told import print_told
from executor.services.workspace import Workspace


def arguments(parser: argparse.ArgumentParser) -> None:
    """RUN, --json."""
    parser.add_argument("run", metavar="RUN")
    add_json(parser)
    add_data_dir(parser)


def execute(args: argparse.Namespace) -> int:
    """0; an unknown run is the person's mistake."""
    with Workspace(args.data_dir) as workspace:
        view = workspace.runs.get(args.run)
        if args.json:
            print_json(workspace.runs.result(args.run))
        else:
            print_run(view)
            print_told(workspace.notifications.of_run(view.id))
        if not view.final and not workspace.attended:
            say_unattended(view.id)
    return 0
