"""Where cards lie: as the file says, and where it says nothing, as auto-layout finds."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping

from nodegraph.graph import Graph
from nodegraph.pipeline import Pipeline
from ui.editor import sketch
from ui.editor.arrange import GAP, arrange
from ui.editor.sketch import Position
from ui.editor.types import Types

CARD_WIDTH = 176
START = (40.0, 40.0)
_STEP = 32
_HEAD, _ROW, _LINES, _FOOT = 39, 18, 42, 34
_FRAME_TOP, _FRAME_SIDE = 40, 20
# The height of a card whose node is not there yet, and how many steps away a place is looked for.
_NEW = 150
_REACH = 12


def card_height(types: Types, pipeline: Pipeline, name: str) -> float:
    """How tall a card is, near enough to leave room for it."""
    rows = max(len(types.inputs(pipeline, name)), len(types.outputs(pipeline, name)), 1)
    return _HEAD + _ROW * rows + _LINES + _FOOT


def positions(pipeline: Pipeline, types: Types) -> dict[str, Position]:
    """Where every card lies; those that the file does not place come below the others."""
    known = {name: sketch.position_of(pipeline, name) for name in pipeline.nodes}
    found = {name: place for name, place in known.items() if place is not None}
    missing = [name for name in known if name not in found]
    if not missing:
        return found
    left, top = START
    if found:
        left = min(x for x, _ in found.values())
        top = max(y + card_height(types, pipeline, name) for name, (_, y) in found.items()) + 2 * GAP
    for name, (x, y) in _arranged(pipeline, types, missing).items():
        found[name] = (left + x, top + y)
    return {name: found[name] for name in pipeline.nodes}


def settled(pipeline: Pipeline, types: Types) -> Pipeline:
    """The pipeline with every card's place written down, so that other changes do not move it."""
    return sketch.placed(pipeline, _missing(pipeline, positions(pipeline, types)))


def arranged(pipeline: Pipeline, types: Types) -> Pipeline:
    """The pipeline with all cards laid out anew, and frames round the cards that they held."""
    before = positions(pipeline, types)
    if not before:
        return pipeline
    left, top = (min(place[axis] for place in before.values()) for axis in (0, 1))
    after = {
        name: (left + x, top + y) for name, (x, y) in _arranged(pipeline, types, list(pipeline.nodes)).items()
    }
    moved = sketch.placed(pipeline, after)
    for frame in sketch.sketches(pipeline):
        held = [name for name, place in before.items() if frame.holds(place)]
        if frame.shape == "group" and held:
            moved = sketch.changed(moved, frame.id, **_round(moved, types, held, after))
    return moved


def frame_round(pipeline: Pipeline, types: Types, names: Collection[str]) -> dict[str, float]:
    """The place and size of a frame round these cards."""
    return _round(pipeline, types, names, positions(pipeline, types))


def free_place(taken: Iterable[Position], x: float, y: float) -> Position:
    """The place asked for, or one beside it where a card lies there already."""
    places = list(taken)
    while any(abs(x - a) < _STEP / 2 and abs(y - b) < _STEP / 2 for a, b in places):
        x, y = x + _STEP, y + _STEP
    return x, y


def clear_place(pipeline: Pipeline, types: Types, x: float, y: float) -> Position:
    """The place nearest to the one asked for where a new card lies over no other; that one if all is full."""
    cards = [
        (a, b, card_height(types, pipeline, name)) for name, (a, b) in positions(pipeline, types).items()
    ]

    def clear(left: float, top: float) -> bool:
        return all(
            abs(left - a) >= CARD_WIDTH + _STEP or top >= b + height + _STEP or b >= top + _NEW + _STEP
            for a, b, height in cards
        )

    reach = range(-_REACH, _REACH + 1)
    steps = sorted(((_STEP * i, _STEP * j) for i in reach for j in reach), key=lambda step: math.hypot(*step))
    return next(((x + dx, y + dy) for dx, dy in steps if clear(x + dx, y + dy)), (x, y))


def _round(
    pipeline: Pipeline, types: Types, names: Collection[str], places: Mapping[str, Position]
) -> dict[str, float]:
    left = min(places[name][0] for name in names) - _FRAME_SIDE
    top = min(places[name][1] for name in names) - _FRAME_TOP
    right = max(places[name][0] for name in names) + CARD_WIDTH + _FRAME_SIDE
    bottom = max(places[name][1] + card_height(types, pipeline, name) for name in names) + _FRAME_SIDE
    return {"x": left, "y": top, "width": right - left, "height": bottom - top}


def _arranged(pipeline: Pipeline, types: Types, names: Collection[str]) -> dict[str, Position]:
    wanted = set(names)
    graph = Graph.of(pipeline)
    order = [name for name in dict.fromkeys([*graph.order(), *pipeline.nodes]) if name in wanted]
    heights = {name: card_height(types, pipeline, name) for name in order}
    return arrange(order, [(a, b) for a, b in graph.edges if a in wanted and b in wanted], heights)


def _missing(pipeline: Pipeline, places: Mapping[str, Position]) -> dict[str, Position]:
    return {name: place for name, place in places.items() if sketch.position_of(pipeline, name) is None}
