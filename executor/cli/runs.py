"""`nodegraph runs`: the latest runs."""

from __future__ import annotations

import argparse
from datetime import datetime

from executor.cli.arguments import add_data_dir, add_json
from executor.cli.output import duration, print_json, print_table
from executor.services.views import RunView
from executor.services.workspace import Workspace


def arguments(parser: argparse.ArgumentParser) -> None:
    """--limit, --json."""
    parser.add_argument("--limit", metavar="N", type=int, default=50, help="how many, latest first")
    add_json(parser)
    add_data_dir(parser)


def execute(args: argparse.Namespace) -> int:
    """0, also where there are none."""
    with Workspace(args.data_dir) as workspace:
        found = workspace.runs.list(max(1, args.limit))
    if args.json:
        print_json({"runs": [_as_json(run) for run in found]})
    elif not found:
        print("No runs yet. Start one: nodegraph new demo -o demo.yaml && nodegraph run demo.yaml")
    else:
        print_table(
            ["RUN", "PIPELINE", "STATE", "TRIGGER", "STARTED", "TIME"],
            (
                (run.id, run.pipeline, run.state, run.trigger, _when(run.started), duration(run.seconds))
                for run in found
            ),
        )
    return 0


def _as_json(run: RunView) -> dict[str, object]:
    fields = run.as_dict()
    del fields["nodes"]
    return {**fields, "run": str(run.id), "status": run.state}


def _when(seconds: float | None) -> str:
    return datetime.fromtimestamp(seconds).strftime("%m-%d %H:%M:%S") if seconds else "–"
