"""`nodegraph templates`: the pipelines to start from."""

from __future__ import annotations

import argparse

from executor.cli.arguments import add_data_dir, add_json
from executor.cli.output import print_json, print_problems, print_table
from nodegraph.templates import Template, list_templates


def arguments(parser: argparse.ArgumentParser) -> None:
    """--json."""
    add_json(parser)
    add_data_dir(parser)


def execute(args: argparse.Namespace) -> int:
    """0, also where a template is broken: it is listed with what is wrong."""
    found = list_templates()
    if args.json:
        print_json({"templates": [_as_json(template) for template in found]})
        return 0
    print_table(
        ["TEMPLATE", "NODES", "TITLE", "PARAMETERS"],
        ([t.name, t.node_count, t.title, ", ".join(t.parameters)] for t in found),
    )
    for template in found:
        print_problems(template.problems)
    return 0


def _as_json(template: Template) -> dict[str, object]:
    return {
        "name": template.name,
        "title": template.title,
        "description": template.description,
        "tags": template.tags,
        "nodes": template.node_count,
        "parameters": {
            name: parameter.model_dump(exclude_none=True) for name, parameter in template.parameters.items()
        },
        "problems": [problem.model_dump(exclude_none=True) for problem in template.problems],
    }
