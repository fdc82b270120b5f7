"""The layout of a pipeline: where its cards lie, and the notes and frames that people draw round them.

layout:
  prepare: [40, 80]                                                            a card
  "$notes": [{id: n1, x: 0, y: 0, width: 176, height: 96, text: …}]            a note
  "$groups": [{id: g1, x: 0, y: 0, width: 320, height: 200, text: Training}]   a frame round nodes
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from nodegraph.pipeline import Pipeline
from ui.editor.refused import checked

Position = tuple[float, float]
Shape = Literal["note", "group"]
SECTIONS: dict[Shape, str] = {"note": "$notes", "group": "$groups"}
SIZES: dict[Shape, tuple[int, int]] = {"note": (176, 96), "group": (320, 200)}
LEAST = 48


@dataclass(frozen=True)
class Sketch:
    """A note or a frame. `id` is apart from those of nodes and edges; `index` is its place in the file."""

    id: str
    shape: Shape
    index: int
    x: float
    y: float
    width: float
    height: float
    text: str

    def holds(self, position: Position) -> bool:
        """Whether a card that lies there belongs to this frame."""
        x, y = position
        return self.x <= x <= self.x + self.width and self.y <= y <= self.y + self.height


def position_of(pipeline: Pipeline, name: str) -> Position | None:
    """Where the file says that a card lies; None where it does not."""
    found = pipeline.layout.get(name)
    if isinstance(found, list) and len(found) == 2 and all(map(_is_number, found)):
        return float(found[0]), float(found[1])
    return None


def placed(pipeline: Pipeline, positions: Mapping[str, Position]) -> Pipeline:
    """The pipeline with these cards and sketches moved."""
    layout = dict(pipeline.layout)
    for name, (x, y) in positions.items():
        if name in pipeline.nodes:
            layout[name] = [_whole(x), _whole(y)]
    moved = with_layout(pipeline, layout)
    for sketch in list(sketches(moved)):
        if sketch.id in positions:
            x, y = positions[sketch.id]
            moved = changed(moved, sketch.id, x=x, y=y)
    return moved


def without_positions(pipeline: Pipeline, names: Collection[str]) -> Pipeline:
    """The pipeline without what the layout says of these nodes."""
    return with_layout(pipeline, {key: v for key, v in pipeline.layout.items() if key not in names})


def with_layout(pipeline: Pipeline, layout: dict[str, Any]) -> Pipeline:
    """The pipeline with another layout; the same one where nothing changed."""
    return pipeline if layout == pipeline.layout else pipeline.model_copy(update={"layout": layout})


def sketches(pipeline: Pipeline) -> Iterator[Sketch]:
    """The frames and notes; what cannot be read is left out, and left as it is in the file."""
    for shape in ("group", "note"):
        section = SECTIONS[shape]
        seen: set[str] = set()
        for index, entry in enumerate(_entries(pipeline, section)):
            found = _sketch(shape, section, index, entry, seen)
            if found is not None:
                yield found


def added(
    pipeline: Pipeline, shape: Shape, x: float, y: float, text: str, size: Position | None = None
) -> tuple[Pipeline, str]:
    """The pipeline with a note or frame more, and its id."""
    section = SECTIONS[shape]
    width, height = size or SIZES[shape]
    entries = _entries(pipeline, section)
    taken = {entry.get("id") for entry in entries if isinstance(entry, dict)}
    number = 1
    while (name := f"{shape[0]}{number}") in taken:
        number += 1
    entry = {"id": name, **_fields(x=x, y=y, width=width, height=height, text=text)}
    return _with_entries(pipeline, section, [*entries, entry]), f"{section}/{name}"


def changed(pipeline: Pipeline, sketch_id: str, **values: Any) -> Pipeline:
    """The pipeline with other fields of a note or frame; the same where there is no such thing."""
    for sketch in sketches(pipeline):
        if sketch.id == sketch_id:
            section = SECTIONS[sketch.shape]
            entries = list(_entries(pipeline, section))
            entries[sketch.index] = {**entries[sketch.index], **_fields(**values)}
            return _with_entries(pipeline, section, entries)
    return pipeline


def without_sketches(pipeline: Pipeline, ids: Collection[str]) -> Pipeline:
    """The pipeline without these notes and frames."""
    gone = [sketch for sketch in sketches(pipeline) if sketch.id in ids]
    for section in {SECTIONS[sketch.shape] for sketch in gone}:
        indices = {sketch.index for sketch in gone if SECTIONS[sketch.shape] == section}
        kept = [entry for i, entry in enumerate(_entries(pipeline, section)) if i not in indices]
        pipeline = _with_entries(pipeline, section, kept)
    return pipeline


def _entries(pipeline: Pipeline, section: str) -> list[Any]:
    found = pipeline.layout.get(section)
    return found if isinstance(found, list) else []


def _with_entries(pipeline: Pipeline, section: str, entries: list[Any]) -> Pipeline:
    layout = {key: value for key, value in pipeline.layout.items() if key != section}
    if entries:
        layout[section] = checked({"layout": {section: entries}}).layout[section]
    return with_layout(pipeline, layout)


def _sketch(shape: Shape, section: str, index: int, entry: Any, seen: set[str]) -> Sketch | None:
    if not isinstance(entry, dict) or not all(_is_number(entry.get(key)) for key in ("x", "y")):
        return None
    name = entry.get("id")
    if not isinstance(name, str) or not name or name in seen:
        name = str(index)
    seen.add(name)
    width, height = (
        max(LEAST, entry[key]) if _is_number(entry.get(key)) else usual
        for key, usual in zip(("width", "height"), SIZES[shape], strict=True)
    )
    text = entry.get("text", "")
    return Sketch(f"{section}/{name}", shape, index, entry["x"], entry["y"], width, height, str(text))


def _fields(**values: Any) -> dict[str, Any]:
    return {key: value if key == "text" else _whole(value) for key, value in values.items()}


def _whole(value: float) -> int:
    """Positions come from a browser, and it may say anything."""
    return round(value) if math.isfinite(value) and abs(value) < 1e9 else 0


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
