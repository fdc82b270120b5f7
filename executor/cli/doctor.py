"""`nodegraph doctor`: what this machine has, and what to do about gaps."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from executor.cli.arguments import add_data_dir, add_json
from executor.cli.output import print_json
from executor.services.doctor import examine

_MARKS = {"ok": "✓", "warning": "!", "missing": "–"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """--json."""
    add_json(parser)
    add_data_dir(parser)


def execute(args: argparse.Namespace) -> int:
    """0: a gap is no failure, it is what was asked about."""
    checks = examine(args.data_dir)
    if args.json:
        print_json({"checks": [asdict(check) for check in checks]})
        return 0
    width = max(len(check.name) for check in checks)
    for check in checks:
        print(f"{_MARKS[check.state]} {check.name:<{width}}  {check.value}")
        if check.advice:
            print(f"  {'':<{width}}  → {check.advice}")
    return 0
