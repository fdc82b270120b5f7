"""Parameters of nodes set for one run, as `--set NODE.PARAM=VALUE` does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodegraph.format.reader import read_value
from nodegraph.pipeline import Pipeline
from nodegraph.problems import Problem
from nodegraph.suggest import did_you_mean


def with_sets(pipeline: Pipeline, sets: Mapping[str, Any], problems: list[Problem]) -> Pipeline:
    """The pipeline with each NODE.PARAM set; text is read as the file's YAML, mistakes go to `problems`."""
    nodes = dict(pipeline.nodes)
    for place, value in sets.items():
        name, _, param = place.partition(".")
        if not param or name not in nodes:
            hint = "Write NODE.PARAM=VALUE." if not param else did_you_mean(name, nodes)
            message = (
                f"--set {place}: there is no node {name}." if param else f"--set {place} names no parameter."
            )
            problems.append(Problem(code="unknown-param", message=message, hint=hint, param=param or None))
            continue
        if isinstance(value, str):
            value, wrong = read_value(value)
            if wrong:
                problems.append(wrong.model_copy(update={"node": name, "param": param, "line": None}))
                continue
        node = nodes[name]
        nodes[name] = node.model_copy(update={"params": {**node.params, param: value}})
    return pipeline.model_copy(update={"nodes": nodes})
