"""`nodegraph import FILE`: a pipeline file into the data directory, as a new version."""

from __future__ import annotations

import argparse
from pathlib import Path

from executor.cli.arguments import add_data_dir, add_json, read_file
from executor.cli.output import print_json
from executor.services.workspace import Workspace


def arguments(parser: argparse.ArgumentParser) -> None:
    """FILE."""
    parser.add_argument("file", metavar="FILE", type=Path)
    add_json(parser)
    add_data_dir(parser)


def execute(args: argparse.Namespace) -> int:
    """0; an unchanged file makes no new version."""
    with Workspace(args.data_dir) as workspace:
        kept, new = workspace.pipelines.import_text(read_file(args.file))
    if args.json:
        print_json({"name": kept.name, "version": kept.version, "new": new})
    elif new:
        print(f"{kept.name}: version {kept.version}")
    else:
        print(f"{kept.name}: unchanged, version {kept.version}")
    return 0
