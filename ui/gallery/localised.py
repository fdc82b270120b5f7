"""A template in the reader's language: what it says to people is translated, what it does stays."""

from __future__ import annotations

from nodegraph.pipeline import Pipeline
from ui.i18n import t


def localised(pipeline: Pipeline) -> Pipeline:
    """The pipeline with its titles, its description and the help of its parameters translated."""
    parameters = {
        name: parameter.model_copy(update={"title": _said(parameter.title), "help": _said(parameter.help)})
        for name, parameter in pipeline.parameters.items()
    }
    nodes = {
        name: node.model_copy(update={"title": _said(node.title)}) for name, node in pipeline.nodes.items()
    }
    update = {
        "title": _said(pipeline.title), "description": _said(pipeline.description),
        "parameters": parameters, "nodes": nodes,
    }  # fmt: skip
    return pipeline.model_copy(update=update)


def _said(text: str) -> str:
    return t(text) if text else ""
