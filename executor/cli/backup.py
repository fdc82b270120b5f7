"""`nodegraph backup DIR`: a copy of the data directory, made while the server works."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from executor.cli.arguments import add_data_dir, add_json
from executor.cli.output import print_json, printable, size
from executor.services.workspace import Workspace


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where it goes."""
    parser.add_argument("target", metavar="DIR", type=Path, help="a directory that does not exist yet")
    add_json(parser)
    add_data_dir(parser)


def execute(args: argparse.Namespace) -> int:
    """0 where all is in it; 1 where something that the database names was gone or damaged already."""
    with Workspace(args.data_dir) as workspace:
        backup = workspace.backup(args.target)
    if args.json:
        print_json(asdict(backup))
        return 1 if backup.missing else 0
    print(
        f"{backup.path}: {backup.runs:,} runs, {backup.artifacts:,} artifacts, {backup.datasets:,} datasets, "
        f"{size(backup.bytes)}. To restore it: nodegraph serve --data-dir {backup.path}"
    )
    for sentence in backup.missing:
        print(printable(sentence), file=sys.stderr)
    if backup.secrets:
        names = ", ".join(backup.secrets)
        print(f"Secrets are not in it; set them again where you restore it: {names}.", file=sys.stderr)
    return 1 if backup.missing else 0
