"""`nodegraph queue`: who waits for a place on a host, and why."""

from __future__ import annotations

import argparse
import time

from executor.cli.arguments import add_data_dir, add_json
from executor.cli.output import duration, print_json, print_table
from executor.services.workspace import Workspace


def arguments(parser: argparse.ArgumentParser) -> None:
    """--json."""
    add_json(parser)
    add_data_dir(parser)


def execute(args: argparse.Namespace) -> int:
    """0, also where nobody waits."""
    with Workspace(args.data_dir) as workspace:
        waiting = workspace.queue.waiting()
    if args.json:
        print_json({"waiting": [one.as_dict() for one in waiting]})
    elif not waiting:
        print("Nothing waits.")
    else:
        now = time.time()
        print_table(
            ["#", "RUN", "PIPELINE", "NODE", "USER", "PRIORITY", "WANTS", "WAITS", "WHY"],
            (
                (one.position or "", one.run, one.pipeline, one.node or "", one.user, one.priority, one.wants,
                 duration(max(0.0, now - one.since)), one.reason)
                for one in waiting
            ),
        )  # fmt: skip
    return 0
