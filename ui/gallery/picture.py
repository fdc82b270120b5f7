"""A small picture of a graph: boxes where the nodes lie, wires in the colours of their kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from nicegui.element import Element

from nodegraph.graph import Graph
from nodegraph.pipeline import Pipeline
from nodegraph.registry import Registry
from nodegraph.typed import typed_nodes
from ui import kit
from ui.editor.arrange import arrange

WIDTH, HEIGHT, MARGIN = 20.0, 11.0, 4.0
# How much of the canvas is one unit of the picture, along and across.
_ALONG, _ACROSS = 220 / 31, 120 / 17
_CARD = 96.0


@dataclass(frozen=True)
class Box:
    """A node: its upper left corner, and the kind of its first output ("" for none)."""

    x: float
    y: float
    kind: str


@dataclass(frozen=True)
class Wire:
    """An edge as an SVG path, and the kind that flows along it."""

    path: str
    kind: str


@dataclass(frozen=True)
class Picture:
    """All of a graph, from (0, 0)."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]


def picture_of(pipeline: Pipeline, registry: Registry) -> Picture:
    """The picture of a pipeline, by its layout where all its edges lead to the right, else laid out anew."""
    kinds = {
        name: {port: declared.kind for port, declared in (typed.outputs or {}).items()}
        for name, typed in typed_nodes(pipeline, registry).items()
    }
    at = _places(pipeline)
    boxes = tuple(Box(x, y, next(iter(kinds.get(name, {}).values()), "")) for name, (x, y) in at.items())
    wires = tuple(
        Wire(_curve(at[source], at[name]), kinds.get(source, {}).get(port, ""))
        for name, node in pipeline.nodes.items()
        for _, source, port in node.edges()
        if source in at
    )
    right = max((box.x for box in boxes), default=0) + WIDTH + MARGIN
    bottom = max((box.y for box in boxes), default=0) + HEIGHT + MARGIN
    return Picture(right, bottom, boxes, wires)


def draw(picture: Picture) -> Element:
    """The picture as an SVG element."""
    size = f"0 0 {picture.width:g} {picture.height:g}"
    with kit.el("svg", "pic", viewBox=size, aria_hidden="true") as made:
        for wire in picture.wires:
            kit.el("path", d=wire.path, data_kind=wire.kind)
        for box in picture.boxes:
            kit.el("rect", x=box.x, y=box.y, width=WIDTH, height=HEIGHT, rx=2.5)
        for box in picture.boxes:
            if box.kind:
                kit.el("circle", cx=box.x + WIDTH, cy=box.y + HEIGHT / 2, r=2, data_kind=box.kind)
    return made


def _places(pipeline: Pipeline) -> dict[str, tuple[float, float]]:
    known = _layout(pipeline)
    left = min((x for x, _ in known.values()), default=0)
    top = min((y for _, y in known.values()), default=0)
    return {
        name: (round((x - left) / _ALONG + MARGIN, 1), round((y - top) / _ACROSS + MARGIN, 1))
        for name, (x, y) in known.items()
    }


def _layout(pipeline: Pipeline) -> Mapping[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {}
    for name in pipeline.nodes:
        place = pipeline.layout.get(name)
        if isinstance(place, list) and len(place) == 2 and all(isinstance(v, (int, float)) for v in place):
            found[name] = (float(place[0]), float(place[1]))
    graph = Graph.of(pipeline)
    # A layout that is folded to fit a window would draw wires across the boxes.
    if len(found) == len(pipeline.nodes) and all(found[a][0] < found[b][0] for a, b in graph.edges):
        return found
    return arrange(graph.order(), graph.edges, dict.fromkeys(pipeline.nodes, _CARD))


@lru_cache(maxsize=4096)
def _curve(source: tuple[float, float], target: tuple[float, float]) -> str:
    x1, y1 = source[0] + WIDTH, source[1] + HEIGHT / 2
    x2, y2 = target[0], target[1] + HEIGHT / 2
    bend = max((x2 - x1) / 2, 8)
    return f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"
