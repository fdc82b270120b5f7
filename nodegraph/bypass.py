"""Disabled nodes: a node with `enabled: false` is bypassed, its outputs standing for its first wired input
that carries the same kind; where it has none, the nodes that need that output are skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from nodegraph.kinds import Kind, is_a
from nodegraph.typed import TypedNode


class Source(NamedTuple):
    """The output that an input takes its artifact from."""

    node: str
    port: str


@dataclass
class Wiring:
    """Where each input really comes from, and which nodes are skipped, with the reason."""

    sources: dict[str, dict[str, list[Source]]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    kinds: dict[Source, Kind] = field(default_factory=dict)


def wire(nodes: Mapping[str, TypedNode], order: Iterable[str]) -> Wiring:
    """The wiring of these nodes with the disabled ones bypassed; `order` is topological."""
    wiring = Wiring()
    stand_ins: dict[Source, Source | None] = {}
    for name in order:
        typed = nodes.get(name)
        if typed is None:
            continue
        sources, lost = _sources(typed, wiring, stand_ins)
        wiring.sources[name] = sources
        if not typed.node.enabled:
            wiring.skipped[name] = "it is disabled"
        elif lost:
            wiring.skipped[name] = f"its input {lost} comes from a node that is disabled or skipped"
        for port, declared in (typed.outputs or {}).items():
            output = Source(name, port)
            if name not in wiring.skipped:
                wiring.kinds[output] = declared.kind
            elif typed.node.enabled:
                stand_ins[output] = None
            else:
                stand_ins[output] = _stand_in(declared.kind, sources, wiring)
    return wiring


def _sources(
    typed: TypedNode, wiring: Wiring, stand_ins: Mapping[Source, Source | None]
) -> tuple[dict[str, list[Source]], str]:
    """The inputs after bypass, and the name of a required input that lost its source, if one did."""
    found: dict[str, list[Source]] = {}
    gone: dict[str, None] = {}
    for port, node, source_port in typed.node.edges():
        wired = Source(node, source_port)
        source = stand_ins.get(wired, wired)
        if source is None or (source not in wiring.kinds and source.node in wiring.skipped):
            gone[port] = None
        else:
            found.setdefault(port, []).append(source)
    required = (
        port
        for port in gone
        if port not in found and not ((typed.inputs or {}).get(port) and (typed.inputs or {})[port].optional)
    )
    return found, next(required, "")


def _stand_in(kind: Kind, sources: Mapping[str, list[Source]], wiring: Wiring) -> Source | None:
    for candidates in sources.values():
        for source in candidates:
            if source in wiring.kinds and is_a(wiring.kinds[source], kind):
                return source
    return None
