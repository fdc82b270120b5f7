"""A pipeline as it is edited: commands on its graph, its notes and its text, with undo and redo."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from nodegraph.format import load
from nodegraph.pipeline import Node
from nodegraph.problems import Problem, errors_of
from ui.editor import clips, naming, placing, sketch, wires
from ui.editor.fields import Fields
from ui.editor.refused import Refused, checked_node
from ui.editor.sketch import Position

_BESIDE = 32


class Document(Fields):
    """One pipeline while it is edited. A command that cannot be done raises Refused and changes nothing."""

    def clear_place(self, x: float, y: float) -> tuple[float, float]:
        """The place nearest to (x, y) where a new card lies over no other."""
        return placing.clear_place(self.pipeline, self.types, x, y)

    def add_node(self, type_id: str, x: float, y: float, params: Mapping[str, Any] | None = None) -> str:
        """A new node of this type; its id."""
        registry = self.types.registry
        if registry.get(type_id) is None:
            raise Refused(f"There is no node type {type_id}.", registry.suggestion(type_id))
        name = naming.fresh_id(naming.base_of(type_id), self.pipeline.nodes)
        node = checked_node(name, Node(type=type_id, params=dict(params or {})))
        place = placing.free_place(self.positions().values(), x, y)
        made = self._settled()
        made = made.model_copy(update={"nodes": {**made.nodes, name: node}})
        self._set(sketch.placed(made, {name: place}))
        return name

    def remove(self, ids: Collection[str]) -> None:
        """Take nodes, edges, notes and frames away; with a node its edges."""
        names = {name for name in ids if name in self.pipeline.nodes}
        settled = self._settled()
        made = wires.without_edges(settled, {*ids, *wires.edges_at(settled, names)})
        if names:
            kept = {name: node for name, node in made.nodes.items() if name not in names}
            made = sketch.without_positions(made.model_copy(update={"nodes": kept}), names)
        made = sketch.without_sketches(made, ids)
        if made is not settled:
            self._set(made)

    def move(self, positions: Mapping[str, Position]) -> None:
        """Put cards, notes and frames elsewhere."""
        self._set(sketch.placed(self._settled(), positions))

    def connect(self, source: str, target: str, instead_of: str | None = None) -> None:
        """Wire an output to an input, "node.port" each; `instead_of` is an edge that goes when it comes."""
        settled = self._settled()
        made = wires.without_edges(settled, [instead_of] if instead_of else [])
        made = wires.connected(made, self.types, source, target)
        if made.nodes != settled.nodes:
            self._set(made)

    def disconnect(self, ids: Collection[str]) -> None:
        """Take away these edges, and all edges of these nodes."""
        settled = self._settled()
        nodes = [name for name in ids if name in settled.nodes]
        made = wires.without_edges(settled, {*ids, *wires.edges_at(settled, nodes)})
        if made is not settled:
            self._set(made)

    def copy(self, ids: Collection[str]) -> str:
        """These nodes, notes and frames as text; "" where there are none."""
        return clips.copy(self.pipeline, self.types, ids)

    def cut(self, ids: Collection[str]) -> str:
        """The same, and take them away."""
        text = self.copy(ids)
        self.remove([name for name in ids if ">" not in name])
        return text

    def paste(self, text: str, x: float, y: float) -> list[str]:
        """Add what a text says, its top left at (x, y); the new ids."""
        pasted = clips.paste(self._settled(), self.types, text, x, y)
        self._set(pasted.pipeline)
        return pasted.ids

    def duplicate(self, ids: Collection[str]) -> list[str]:
        """The same things once more, a little beside; the new ids."""
        places = self.positions() | {one.id: (one.x, one.y) for one in sketch.sketches(self.pipeline)}
        corners = [places[name] for name in ids if name in places]
        if not corners:
            return []
        left, top = (min(corner[axis] for corner in corners) for axis in (0, 1))
        return self.paste(self.copy(ids), left + _BESIDE, top + _BESIDE)

    def add_note(self, x: float, y: float, text: str = "") -> str:
        """A note; its id."""
        made, name = sketch.added(self.pipeline, "note", x, y, text)
        self._set(made)
        return name

    def add_group(self, ids: Collection[str], text: str = "") -> str:
        """A frame round these nodes; its id."""
        nodes = [name for name in ids if name in self.pipeline.nodes]
        if not nodes:
            raise Refused("A frame needs nodes to go round.", "Select some.")
        made = self._settled()
        frame = placing.frame_round(made, self.types, nodes)
        size = (frame["width"], frame["height"])
        made, name = sketch.added(made, "group", frame["x"], frame["y"], text, size)
        self._set(made)
        return name

    def edit_sketch(self, sketch_id: str, **values: Any) -> None:
        """Change a note or frame: text, width, height."""
        self._set(sketch.changed(self.pipeline, sketch_id, **values))

    def arrange(self) -> None:
        """Lay all cards out anew."""
        self._set(placing.arranged(self.pipeline, self.types))

    def set_text(self, text: str, *, keep_name: bool = False) -> list[Problem]:
        """Take the text in place of all there is, as one step; what keeps it from being a pipeline file.

        A pipeline's name is its address: another one is a problem, or is left aside with `keep_name`.
        """
        loaded = load(text)
        if loaded.pipeline is None:
            return errors_of(loaded.problems)
        made, name = loaded.pipeline, self.pipeline.name
        if made.name != name and not keep_name:
            message = f"The pipeline's name cannot be changed here from {name} to {made.name}."
            hint = f"Write name: {name}, or copy the pipeline under another name."
            return [Problem(code="bad-name", message=message, hint=hint, line=loaded.lines.get(("name",)))]
        self._set(made.model_copy(update={"name": name}), text)
        return []
