"""`nodegraph validate FILE`: every problem at once, with its place and what to do; what a run will need."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from executor.cli.arguments import add_data_dir, add_json, read_file
from executor.cli.output import print_json, print_problems
from nodegraph.estimates import estimates
from nodegraph.problems import errors_of
from nodegraph.registry import Registry
from nodegraph.validation import check_text


def arguments(parser: argparse.ArgumentParser) -> None:
    """FILE, --json."""
    parser.add_argument("file", metavar="FILE", type=Path)
    add_json(parser)
    add_data_dir(parser)


def execute(args: argparse.Namespace) -> int:
    """0 where a run could start, 2 where something is wrong."""
    registry = Registry.scan()
    checked = check_text(read_file(args.file), registry)
    faults = errors_of(checked.problems)
    needs = estimates(checked.resolved, registry) if checked.resolved else {}
    if args.json:
        problems = [problem.model_dump(exclude_none=True) for problem in checked.problems]
        print_json({"file": str(args.file), "valid": not faults, "problems": problems, "estimates": needs})
        return 2 if faults else 0
    print_problems(checked.problems)
    if faults:
        count = f"{len(faults)} problem{'s' if len(faults) > 1 else ''}"
        print(f"{args.file}: {count}", file=sys.stderr)
        return 2
    nodes = len(checked.pipeline.nodes) if checked.pipeline else 0
    print(f"{args.file}: valid, {nodes} node{'s' if nodes != 1 else ''}")
    for node, need in needs.items():
        if need["parameters"] is not None:
            print(f"  {node}: {_words(need)}")
    return 0


def _words(need: dict[str, Any]) -> str:
    trained = f", {need['trainable']:,} of them trained" if need["trainable"] != need["parameters"] else ""
    return f"about {need['parameters']:,} parameters{trained}; {need['memory_gb']:g} GB of memory"
