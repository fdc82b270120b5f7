"""Titles, help and the like that node types and templates declare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nodegraph.describe import describe_type
from nodegraph.registry import Registry
from nodegraph.templates import list_templates

_SAID = ("title", "description", "group", "unit")


def of_node_types() -> Iterator[tuple[str, str]]:
    """Each text of each node type and where it is declared."""
    for name, registered in Registry.scan().types.items():
        described = describe_type(registered)
        for text in (described["title"], described["summary"], described["category"].capitalize()):
            yield text, name
        for side in ("inputs", "outputs"):
            for port, declared in (described[side] or {}).items():
                yield declared["help"], f"{name}.{port}"
        yield from _of_schema(described["parameters"], name)


def of_templates() -> Iterator[tuple[str, str]]:
    """Each text of each template and the template's name."""
    for template in list_templates():
        assert template.pipeline is not None, template.problems
        texts = [template.title, template.description, *template.tags]
        for parameter in template.parameters.values():
            texts += [parameter.title, parameter.help]
        texts += [node.title for node in template.pipeline.nodes.values()]
        yield from ((text, template.name) for text in texts)


def _of_schema(schema: dict[str, Any], place: str) -> Iterator[tuple[str, str]]:
    # A model's own docstring is for programmers; what a parameter says of itself is for people.
    for model in (schema, *schema.get("$defs", {}).values()):
        for param, declared in model.get("properties", {}).items():
            for what in _SAID:
                yield declared.get(what, ""), f"{place}: {param}"
