"""Ids of nodes: fresh ones, and one for another everywhere that a pipeline names it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from nodegraph.kinds import KINDS
from nodegraph.pipeline import ID_PATTERN, Node, Pipeline
from ui.editor.refused import Refused

_QUOTED_OR_PLACE = re.compile(r"""("[^"]*"|'[^']*')|(?<![\w.-])([A-Za-z_][\w-]*)(?=\.)""", re.ASCII)
_LONGEST = 56


def fresh_id(base: str, taken: Collection[str]) -> str:
    """An id made from a word that nothing has yet: load, load-2, load-3."""
    stem = re.sub(r"[^A-Za-z0-9_-]", "-", base)[:_LONGEST].strip("-")
    if not re.match(ID_PATTERN, stem):
        stem = f"node-{stem}".strip("-")
    number, name = 1, stem
    while name in taken:
        number += 1
        name = f"{stem}-{number}"
    return name


def base_of(type_id: str) -> str:
    """The word that a node of this type is called by: its last, or its category for `quantize.model`."""
    category, _, word = type_id.rpartition(".")
    return category or word if word.removesuffix("s") in KINDS else word


def next_after(name: str, taken: Collection[str]) -> str:
    """The id of a copy: load-2 becomes load-3."""
    return fresh_id(re.sub(r"-\d+$", "", name), taken)


def renamed(pipeline: Pipeline, name: str, new: str) -> Pipeline:
    """The pipeline with a node under another id, and everything that named it."""
    if name not in pipeline.nodes:
        raise Refused(f"There is no node {name}.")
    if not re.fullmatch(ID_PATTERN, new):
        hint = "Use letters, digits, _ and -, not starting with a digit, at most 64."
        raise Refused(f"A node's name cannot be {new!r}.", hint)
    if new in pipeline.nodes:
        raise Refused(f"There is a node {new} already.", "Choose another name.")
    names = {name: new}
    nodes = {names.get(key, key): with_names(node, names) for key, node in pipeline.nodes.items()}
    layout = {names.get(key, key): place for key, place in pipeline.layout.items()}
    return pipeline.model_copy(update={"nodes": nodes, "layout": layout})


def with_names(node: Node, names: Mapping[str, str]) -> Node:
    """The node with other names for the nodes that it takes from; the same where there are none."""
    changes: dict[str, Any] = {}
    inputs = {
        port: _source(given, names) if isinstance(given, str) else [_source(one, names) for one in given]
        for port, given in node.inputs.items()
    }
    if inputs != node.inputs:
        changes["inputs"] = inputs
    if node.when and (when := _condition(node.when, names)) != node.when:
        changes["when"] = when
    return node.model_copy(update=changes) if changes else node


def renamed_text(text: str, name: str, new: str, lines: Mapping[tuple[str | int, ...], int]) -> str:
    """The text with the node's own keys renamed, so that its comments still find it."""
    rows = text.split("\n")
    for section in ("nodes", "layout"):
        line = lines.get((section, name))
        if line is not None:
            rows[line - 1] = re.sub(rf"^(\s+){re.escape(name)}(?=\s*:)", rf"\g<1>{new}", rows[line - 1])
    return "\n".join(rows)


def _source(text: str, names: Mapping[str, str]) -> str:
    node, dot, port = text.partition(".")
    return f"{names.get(node, node)}{dot}{port}"


def _condition(text: str, names: Mapping[str, str]) -> str:
    def replace(match: re.Match[str]) -> str:
        return match[0] if match[1] else names.get(match[2], match[2])

    return _QUOTED_OR_PLACE.sub(replace, text)
