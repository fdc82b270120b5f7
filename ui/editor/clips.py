"""Copies of nodes as text: a fragment of a pipeline file, that any text editor and any pipeline takes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from nodegraph.format import MAX_BYTES, dump
from nodegraph.format.reader import read
from nodegraph.pipeline import Node, Pipeline
from ui.editor import sketch
from ui.editor.naming import next_after, with_names
from ui.editor.placing import positions
from ui.editor.refused import Refused, checked
from ui.editor.types import Types

_NAME = "clip"


@dataclass(frozen=True)
class Pasted:
    """A pipeline with something pasted into it, and the ids of that."""

    pipeline: Pipeline
    ids: list[str]


def copy(pipeline: Pipeline, types: Types, ids: Collection[str]) -> str:
    """These nodes, notes and frames as text; empty where there is nothing of that kind among the ids."""
    wanted = set(ids)
    nodes = {name: node for name, node in pipeline.nodes.items() if name in wanted}
    drawn = [one.id for one in sketch.sketches(pipeline) if one.id in wanted]
    if not nodes and not drawn:
        return ""
    alone = Pipeline(name=_NAME, nodes=nodes)
    places = positions(pipeline, types)
    placed = sketch.placed(alone, {name: places[name] for name in nodes})
    for one in sketch.sketches(pipeline):
        if one.id in wanted:
            placed, _ = sketch.added(placed, one.shape, one.x, one.y, one.text, (one.width, one.height))
    return dump(placed)


def paste(pipeline: Pipeline, types: Types, text: str, x: float, y: float) -> Pasted:
    """The pipeline with what `text` says added, its top left at (x, y), under ids of its own.

    Wires from outside stay where the pipeline has what they come from.
    """
    clip = _read(text)
    places = positions(clip, types)
    drawn = list(sketch.sketches(clip))
    corners = [*places.values(), *((one.x, one.y) for one in drawn)]
    if not corners:
        raise Refused("There is nothing to paste in this text.", "Copy nodes, here or in a pipeline file.")
    shift_x, shift_y = x - min(c[0] for c in corners), y - min(c[1] for c in corners)
    names: dict[str, str] = {}
    for name in clip.nodes:
        names[name] = next_after(name, {*pipeline.nodes, *names.values()})
    nodes = dict(pipeline.nodes)
    for name, node in clip.nodes.items():
        nodes[names[name]] = with_names(_wired(node, clip, pipeline, types), names)
    made = pipeline.model_copy(update={"nodes": nodes})
    moved = {names[name]: (a + shift_x, b + shift_y) for name, (a, b) in places.items()}
    made = sketch.placed(made, moved)
    ids = list(names.values())
    for one in drawn:
        size = (one.width, one.height)
        made, new = sketch.added(made, one.shape, one.x + shift_x, one.y + shift_y, one.text, size)
        ids.append(new)
    return Pasted(made, ids)


def _wired(node: Node, clip: Pipeline, pipeline: Pipeline, types: Types) -> Node:
    """The node with the wires whose other end is there."""

    def there(source: str) -> bool:
        name, _, port = source.partition(".")
        if name in clip.nodes:
            return True
        return name in pipeline.nodes and port in types.outputs(pipeline, name)

    inputs: dict[str, str | list[str]] = {}
    for port, given in node.inputs.items():
        if isinstance(given, list):
            if kept := [source for source in given if there(source)]:
                inputs[port] = kept
        elif there(given):
            inputs[port] = given
    return node.model_copy(update={"inputs": inputs})


def _read(text: str) -> Pipeline:
    """A whole file, one without its head, or nodes alone."""
    if len(text) > MAX_BYTES:
        raise Refused(f"The file is larger than {MAX_BYTES:,} bytes.")
    document = read(text)
    value: Any = document.value
    if document.problems or not isinstance(value, dict):
        raise Refused("There is nothing to paste in this text.", "Copy nodes, here or in a pipeline file.")
    if "nodes" not in value and "layout" not in value:
        value = {"nodes": value}
    return checked({key: value[key] for key in ("nodes", "layout") if key in value})
