"""What the editor does not do, and why; and the check that a part may stand in a pipeline file."""

from __future__ import annotations

from typing import Any

from nodegraph.errors import InvalidInput
from nodegraph.format import load_object
from nodegraph.format.writing import plain
from nodegraph.pipeline import Node, Pipeline
from nodegraph.problems import errors_of


class Refused(InvalidInput):
    """The pipeline stays as it is; the message says why."""


def checked(parts: dict[str, Any]) -> Pipeline:
    """A pipeline of these parts alone, as a file could hold them; Refused says what is wrong with them."""
    loaded = load_object({"name": "part", **parts})
    wrong = errors_of(loaded.problems)
    if loaded.pipeline is None or wrong:
        raise Refused(wrong[0].message, wrong[0].hint, wrong)
    return loaded.pipeline


def checked_node(name: str, node: Node) -> Node:
    """The node as a file could hold it under this name."""
    alone = Pipeline.model_construct(name="part", nodes={name: node})
    return checked({"nodes": plain(alone)["nodes"]}).nodes[name]
