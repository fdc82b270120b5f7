"""`nodegraph rerun RUN`: the same pipeline with the same parameters again."""

from __future__ import annotations

import argparse

from executor.cli.arguments import add_data_dir, add_json
from executor.cli.run import finish
from executor.services.workspace import Workspace


def arguments(parser: argparse.ArgumentParser) -> None:
    """RUN, --from."""
    parser.add_argument("run", metavar="RUN")
    parser.add_argument(
        "--from", dest="from_node", metavar="NODE", help="run this node and what follows anew"
    )
    add_json(parser)
    add_data_dir(parser)


def execute(args: argparse.Namespace) -> int:
    """0 where the run succeeded, 1 where it did not."""
    with Workspace(args.data_dir, engine=True) as workspace:
        run = workspace.runs.rerun(args.run, args.from_node, trigger="rerun")
        return finish(workspace, run, as_json=args.json)
