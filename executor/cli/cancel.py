"""`nodegraph cancel RUN`: stop a run and every process of it."""

from __future__ import annotations

import argparse
import sys

from executor.cli.arguments import add_data_dir
from executor.services.workspace import Workspace


def arguments(parser: argparse.ArgumentParser) -> None:
    """RUN."""
    parser.add_argument("run", metavar="RUN")
    add_data_dir(parser)


def execute(args: argparse.Namespace) -> int:
    """0 once the run has ended, also where it had ended before."""
    with Workspace(args.data_dir) as workspace:
        if workspace.runs.get(args.run).final:
            print(f"Run {args.run} has ended already: {workspace.runs.get(args.run).state}.", file=sys.stderr)
            return 0
        workspace.runs.cancel(args.run)
        view = workspace.runs.wait(args.run)
        print(f"Run {view.id}: {view.state}.")
    return 0
