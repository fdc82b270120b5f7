"""`nodegraph new TEMPLATE`: a pipeline file of one's own, from a template."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from executor.cli.arguments import add_data_dir, add_params, pairs
from executor.cli.output import print_problems
from nodegraph.errors import InvalidInput, NotFound
from nodegraph.suggest import did_you_mean
from nodegraph.templates import find_template, instantiate, list_templates


def arguments(parser: argparse.ArgumentParser) -> None:
    """TEMPLATE, --param, -o."""
    parser.add_argument("template", metavar="TEMPLATE")
    add_params(parser)
    parser.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="where to write it, else it is printed"
    )
    add_data_dir(parser)


def execute(args: argparse.Namespace) -> int:
    """0; a file that exists is never overwritten."""
    template = find_template(args.template)
    if template is None:
        names = [known.name for known in list_templates()]
        raise NotFound(f"There is no template {args.template}.", did_you_mean(args.template, names))
    made = instantiate(template, pairs(args.param, "--param"))
    if made.text is None:
        raise InvalidInput(f"No pipeline was made from {args.template}.", problems=made.problems)
    print_problems(made.problems)
    if args.output is None:
        sys.stdout.write(made.text)
        return 0
    try:
        with args.output.open("x", encoding="utf-8") as file:
            file.write(made.text)
    except FileExistsError as error:
        raise InvalidInput(f"{args.output} exists already.", "Choose another name.") from error
    except OSError as error:
        message = f"{args.output} cannot be written: {error.strerror}."
        raise InvalidInput(message, "Choose a folder that exists and that you may write to.") from error
    print(f"Wrote {args.output}. Next: nodegraph run {args.output}", file=sys.stderr)
    return 0
