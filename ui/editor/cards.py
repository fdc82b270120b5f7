"""A pipeline as the canvas shows it: cards, edges, notes, each made anew only where something changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nodegraph.contract import Port, Ports
from nodegraph.kinds import KINDS, refusal
from nodegraph.pipeline import Pipeline
from nodegraph.problems import Problem
from ui.canvas.views import EdgeView, GraphView, NodeCard, NoteView, Op, PortView
from ui.editor import sketch, wires
from ui.editor.categories import icon_of
from ui.editor.looks import NodeLook, NodeStates
from ui.editor.sketch import Position
from ui.editor.summary import summary
from ui.editor.types import Types
from ui.i18n import t, t_message

UNKNOWN = "unknown"


class Cards:
    """Makes what the canvas shows of a pipeline, in the language of the page at work."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._cards: dict[str, tuple[tuple[Any, ...], NodeCard]] = {}
        self._edges: dict[str, tuple[tuple[Any, ...], EdgeView]] = {}

    def graph(
        self,
        pipeline: Pipeline,
        positions: Mapping[str, Position],
        problems: Sequence[Problem],
        states: NodeStates,
        selected: Iterable[str] = (),
    ) -> GraphView:
        """All that is shown."""
        edges = list(wires.edges(pipeline))
        named: dict[str, dict[str, None]] = {}
        for edge in edges:
            named.setdefault(edge.source, {})[edge.source_port] = None
        by_node: dict[str, list[Problem]] = {}
        for problem in problems:
            if problem.node is not None:
                by_node.setdefault(problem.node, []).append(problem)
        looks = {name: states.look(name) for name in pipeline.nodes}
        return {
            "nodes": [
                self._card(
                    pipeline, name, positions[name], tuple(by_node.get(name, ())), looks[name],
                    tuple(named.get(name, ())),
                )
                for name in pipeline.nodes
            ],
            "edges": [self._edge(pipeline, edge, looks) for edge in edges if edge.source in pipeline.nodes],
            "notes": [_note(one) for one in sketch.sketches(pipeline)],
            "selected": list(selected),
            "viewport": None,
        }  # fmt: skip

    def _card(
        self, pipeline: Pipeline, name: str, position: Position, problems: tuple[Problem, ...],
        look: NodeLook, named: tuple[str, ...],
    ) -> NodeCard:  # fmt: skip
        typed = self._types.of(pipeline, name)
        key = (pipeline.nodes[name], typed, position, problems, look, named)
        known = self._cards.get(name)
        if known is not None and all(map(_same, known[0], key)):
            return known[1]
        node = pipeline.nodes[name]
        worst = next((p for p in problems if p.severity == "error"), problems[0] if problems else None)
        card: NodeCard = {
            "id": name,
            "type": node.type,
            "title": node.title or (t(typed.registered.node.title) if typed else node.type or name),
            "icon": icon_of(node.type),
            "x": position[0],
            "y": position[1],
            "inputs": _ports((typed.inputs or {}) if typed else {}, node.inputs, inputs=True),
            "outputs": _ports((typed.outputs or {}) if typed else {}, named, inputs=False),
            "summary": summary(typed),
            "state": look.state,
            "state_word": t(look.state),
            "foot": look.foot or t(look.state),
            "foot_strong": look.strong,
            "time": look.time,
            "enabled": node.enabled,
            "problem": worst.severity if worst else "",
            "problem_text": t_message(worst.message) if worst else "",
            "activity": look.activity,
            "cause": look.cause,
            "actions": list(look.actions),
        }
        self._cards[name] = (key, card)
        return card

    def _edge(self, pipeline: Pipeline, edge: wires.Edge, looks: Mapping[str, NodeLook]) -> EdgeView:
        port = self._types.outputs(pipeline, edge.source).get(edge.source_port)
        source, target = looks[edge.source], looks[edge.target]
        key = (port, source, target)
        known = self._edges.get(edge.id)
        if known is not None and all(map(_same, known[0], key)):
            return known[1]
        view: EdgeView = {
            "id": edge.id,
            "source": edge.source,
            "source_port": edge.source_port,
            "target": edge.target,
            "target_port": edge.target_port,
            "kind": port.kind if port else UNKNOWN,
            "style": "flow" if target.state == "running" else "wait" if target.state == "queued" else "rest",
            "label": dict(source.labels).get(edge.source_port, ""),
        }
        self._edges[edge.id] = (key, view)
        return view


def difference(old: GraphView, new: GraphView) -> list[Op]:
    """The changes that make what is shown by `old` into what `new` shows."""
    ops: list[Op] = []
    gone: list[str] = []
    for kind, before, after in (
        ("note", old["notes"], new["notes"]),
        ("node", old["nodes"], new["nodes"]),
        ("edge", old["edges"], new["edges"]),
    ):
        known: dict[str, Any] = {record["id"]: record for record in before}
        for record in after:
            patch = _patch(known.pop(record["id"], None), record)
            if patch:
                ops.append({"op": kind, "id": record["id"], "patch": patch})  # type: ignore[typeddict-item]
        gone += known
    if gone:
        ops.insert(0, {"op": "remove", "ids": gone})
    left = [name for name in old["selected"] if name not in set(gone)]
    if new["selected"] != left:
        ops.append({"op": "select", "ids": new["selected"]})
    return ops


def _patch(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> dict[str, object]:
    if old is new:
        return {}
    if old is None:
        return dict(new)
    return {key: value for key, value in new.items() if value != old[key]}


def _ports(declared: Ports, named: Iterable[str], *, inputs: bool) -> list[PortView]:
    """The declared ports, then those that edges name although the type does not."""
    views = [_port(name, port, inputs) for name, port in declared.items()]
    return views + [_unknown(name) for name in named if name not in declared]


def _port(name: str, port: Port, is_input: bool) -> PortView:
    fits = [kind for kind in KINDS if refusal(kind, port.kind, full_weights=port.full_weights) is None]
    return {
        "name": name,
        "kind": port.kind,
        "accepts": sorted(fits, key=lambda kind: kind != port.kind) if is_input else [],
        "optional": port.optional and is_input,
        "many": port.many,
        "help": t(port.help) if port.help else "",
    }


def _unknown(name: str) -> PortView:
    return {"name": name, "kind": UNKNOWN, "accepts": [], "optional": False, "many": False, "help": ""}


def _note(one: sketch.Sketch) -> NoteView:
    return {
        "id": one.id, "kind": one.shape, "x": one.x, "y": one.y, "width": one.width, "height": one.height,
        "text": one.text,
    }  # fmt: skip


def _same(a: Any, b: Any) -> bool:
    return a is b or (isinstance(a, (tuple, Port)) and a == b)
