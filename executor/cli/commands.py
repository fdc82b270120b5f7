"""The commands by name: finds the one that was asked for, runs it, turns errors into exit statuses."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any

from executor.cli.output import print_error
from nodegraph.errors import DataDirError, InvalidInput, NodeGraphError

EXIT_OK, EXIT_FAILED, EXIT_INPUT = 0, 1, 2

# A command's module is imported only when it is asked for: `validate` answers without a database.
COMMANDS = {
    "run": ("executor.cli.run", "run a pipeline file"),
    "validate": ("executor.cli.validate", "say everything that is wrong with a pipeline file"),
    "nodes": ("executor.cli.nodes", "list node types, or describe one"),
    "templates": ("executor.cli.templates", "list templates"),
    "new": ("executor.cli.new", "make a pipeline file from a template"),
    "import": ("executor.cli.import_", "keep a pipeline file in the data directory, as a new version"),
    "runs": ("executor.cli.runs", "list runs"),
    "show": ("executor.cli.show", "show a run"),
    "logs": ("executor.cli.logs", "print the logs of a run or of one of its nodes"),
    "cancel": ("executor.cli.cancel", "cancel a run"),
    "rerun": ("executor.cli.rerun", "run a run's pipeline again"),
    "queue": ("executor.cli.queue", "list what waits for a place on a host, and why"),
    "services": ("executor.cli.services", "list, start and stop deployed services"),
    "images": ("executor.cli.images", "make, list and push the container images of environments"),
    "backup": ("executor.cli.backup", "copy the data directory while the server works"),
    "hosts": ("executor.cli.hosts", "add, list, drain and remove the machines that nodes run on"),
    "doctor": ("executor.cli.doctor", "say what this machine has, and what to do about gaps"),
}

# Other packages add commands under this group: modules with SUMMARY, arguments and execute.
GROUP = "nodegraph.commands"


def execute(args: argparse.Namespace) -> int:
    """Exit status 0 it worked, 1 a run failed or a gate did not pass, 2 the input is wrong."""
    try:
        status: int = args.execute(args)
        return status
    except NodeGraphError as error:
        print_error(error, as_json=getattr(args, "json", False))
        return EXIT_INPUT if isinstance(error, (InvalidInput, DataDirError)) else EXIT_FAILED
    except BrokenPipeError:
        # Whoever read our output went away (`nodegraph runs | head`): nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments of the command that was asked for; ends the process where they make no sense."""
    parser = argparse.ArgumentParser(
        prog="nodegraph",
        description="Pipelines for large language models: typed nodes, real training, every result kept.",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    wanted = next((word for word in argv if not word.startswith("-")), None)
    for name, (module_name, summary) in COMMANDS.items():
        command = _add(commands, name, summary)
        if name == wanted:
            _fill(command, importlib.import_module(module_name))
    if wanted not in COMMANDS:  # looking through all that is installed takes time
        for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
            if wanted in (None, point.name):
                module = point.load()
                _fill(_add(commands, point.name, module.SUMMARY), module)
            else:
                _add(commands, point.name)
    return parser.parse_args(list(argv))


def _add(commands: Any, name: str, summary: str = "") -> argparse.ArgumentParser:
    description = f"{summary[:1].upper()}{summary[1:]}."
    made: argparse.ArgumentParser = commands.add_parser(name, help=summary, description=description)
    return made


def _fill(command: argparse.ArgumentParser, module: ModuleType) -> None:
    module.arguments(command)
    command.set_defaults(execute=module.execute)
