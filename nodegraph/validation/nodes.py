"""Whether each node's type exists and its parameters are right."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from nodegraph.contract import NodeParams
from nodegraph.mistakes import Place, by_place, range_of, sentence
from nodegraph.pipeline import Node, Pipeline
from nodegraph.references import is_secret_name, mentions_parameter, secret_fields, widget
from nodegraph.registry import Registry
from nodegraph.suggest import did_you_mean
from nodegraph.typed import TypedNode
from nodegraph.validation.report import Report


def check_nodes(
    pipeline: Pipeline, nodes: Mapping[str, TypedNode], registry: Registry, report: Report
) -> None:
    """Unknown and broken types, unknown, missing and wrong parameters."""
    hints: dict[str, str] = {}
    for name, node in pipeline.nodes.items():
        typed = nodes.get(name)
        if typed is None:
            if node.type not in hints:
                hints[node.type] = registry.suggestion(node.type) or "`nodegraph nodes` lists them."
            _unknown_type(name, node, registry, hints[node.type], report)
            continue
        for place, errors in by_place(typed.errors, node.params).items():
            _param(name, typed, place, errors, report)
        _secret_names(name, typed, report)
        if typed.fault:
            message = f"The node type {node.type} cannot handle these parameters: {typed.fault}"
            report.add("broken-type", message, "This is a bug in the node type.", node=name)


def _unknown_type(name: str, node: Node, registry: Registry, hint: str, report: Report) -> None:
    path = ("nodes", name, "type")
    broken = registry.broken.get(node.type)
    if broken is not None:
        message = f"The node type {node.type} is broken: {broken.error}"
        report.add("broken-type", message, f"Mend {broken.path.name}.", node=name, path=path)
        return
    message = f"There is no node type {node.type}." if node.type else "The node has no type."
    report.add("unknown-type", message, hint, node=name, path=path)


def _param(
    name: str, typed: TypedNode, place: Place, errors: list[Mapping[str, Any]], report: Report
) -> None:
    model = typed.registered.node.params
    param = ".".join(map(str, place)) or None
    kind = errors[0]["type"]
    if kind == "extra_forbidden" and len(place) == 1:
        message = f"{typed.node.type} has no parameter {param}."
        report.add(
            "unknown-param", message, did_you_mean(str(param), model.model_fields), node=name, param=param
        )
        return
    if kind == "missing":
        message = f"{_title(model, place)} is missing."
        report.add("missing-param", message, f"Add {param} under params.", node=name, param=param)
        return
    info = model.model_fields.get(str(place[0])) if place else None
    secret = info is not None and widget(info.json_schema_extra) == "secret"
    allowed = _ranges(model).get(str(place[0]), "") if len(place) == 1 else ""
    message, hint = sentence(_title(model, place), errors, allowed=allowed, secret=secret)
    report.add("bad-param", message, hint, node=name, param=param)


def _secret_names(name: str, typed: TypedNode, report: Report) -> None:
    """A key in place of its name is refused before it is stored anywhere, and not repeated."""
    model = typed.registered.node.params
    for param in secret_fields(model):
        value = typed.node.params.get(param)
        if isinstance(value, str) and value and not mentions_parameter(value) and not is_secret_name(value):
            message = f"{_title(model, (param,))} is not the name of a secret."
            hint = "Write a name such as OPENAI_API_KEY; the key itself goes into the environment variable."
            report.add("bad-param", message, hint, node=name, param=param)


def _title(model: type[NodeParams], place: Place) -> str:
    """The field's title as the form shows it, with what is inside it."""
    if not place:
        return "The parameters"
    info = model.model_fields.get(str(place[0]))
    title = info.title if info and info.title else str(place[0])
    return f"{title} ({'.'.join(map(str, place))})" if title != place[0] else ".".join(map(str, place))


@lru_cache(maxsize=512)
def _ranges(model: type[NodeParams]) -> dict[str, str]:
    """The allowed range of each number, in words."""
    properties = model.model_json_schema()["properties"] if model.model_fields else {}
    found = {}
    for name, schema in properties.items():
        words = next(filter(None, (range_of(part) for part in [schema, *schema.get("anyOf", [])])), "")
        if words:
            found[name] = words
    return found
