"""`nodegraph nodes [TYPE]`: the node types, or one with its ports and parameters."""

from __future__ import annotations

import argparse
from typing import Any

from executor.cli.arguments import add_data_dir, add_json
from executor.cli.output import print_json, print_table
from executor.cli.parameters import parameter_lines
from nodegraph.describe import describe_type
from nodegraph.errors import NotFound
from nodegraph.registry import Registry


def arguments(parser: argparse.ArgumentParser) -> None:
    """[TYPE], --json."""
    parser.add_argument("type", metavar="TYPE", nargs="?", help="a node type, such as train.sft")
    add_json(parser)
    add_data_dir(parser)


def execute(args: argparse.Namespace) -> int:
    """0; an unknown type is the person's mistake."""
    registry = Registry.scan()
    if args.type is None:
        return _list(registry, as_json=args.json)
    found = registry.get(args.type)
    if found is None:
        if broken := registry.broken.get(args.type):
            raise NotFound(f"The node type {args.type} is broken: {broken.error}", f"Mend {broken.path}.")
        raise NotFound(f"There is no node type {args.type}.", registry.suggestion(args.type))
    description = describe_type(found)
    if args.json:
        print_json(description)
    else:
        _print_type(description)
    return 0


def _list(registry: Registry, *, as_json: bool) -> int:
    if as_json:
        broken = [
            {"id": item.id, "path": str(item.path), "error": item.error} for item in registry.broken.values()
        ]
        print_json({"nodes": [describe_type(item) for item in registry], "broken": broken})
        return 0
    print_table(["TYPE", "TITLE", "WHAT IT DOES"], ([t.id, t.node.title, t.summary] for t in registry))
    for item in registry.broken.values():
        print(f"broken: {item.id}: {item.error}")
    return 0


def _print_type(description: dict[str, Any]) -> None:
    print(f"{description['id']} · {description['title']}\n{description['summary']}\n")
    for side in ("inputs", "outputs"):
        ports = description[side]
        if ports is None:
            print(f"{side}: depend on the parameters")
            continue
        print(f"{side}: {', '.join(_port(name, port) for name, port in ports.items()) or 'none'}")
    print(f"environment: {description['environment']}\n")
    print("\n".join(parameter_lines(description["parameters"])))


def _port(name: str, port: dict[str, Any]) -> str:
    marks = [word for word in ("optional", "many") if port[word]]
    return f"{name} ({', '.join([port['kind'], *marks])})"
