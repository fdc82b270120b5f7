"""The graph of a pipeline, over networkx: order, ancestors, descendants, cycles.

Its edges are the wires, and one more from every node that a `when` condition reads.
"""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx

from nodegraph.conditions import nodes_read
from nodegraph.pipeline import Pipeline


class Graph:
    """Which node comes after which. Edges to nodes that do not exist are left out."""

    def __init__(self, nodes: Iterable[str], edges: Iterable[tuple[str, str]]) -> None:
        self._index = {node: position for position, node in enumerate(nodes)}
        self._graph: nx.DiGraph[str] = nx.DiGraph()
        self._graph.add_nodes_from(self._index)
        self._graph.add_edges_from((a, b) for a, b in edges if a in self._index and b in self._index)

    @classmethod
    def of(cls, pipeline: Pipeline) -> Graph:
        """The graph of a pipeline as its file says, disabled nodes included."""
        edges = [(source, name) for name, node in pipeline.nodes.items() for _, source, _ in node.edges()]
        for name, node in pipeline.nodes.items():
            if node.when:
                edges.extend((source, name) for source in nodes_read(node.when))
        return cls(pipeline.nodes, edges)

    @property
    def edges(self) -> list[tuple[str, str]]:
        """All edges as (before, after)."""
        return list(self._graph.edges)

    def order(self) -> list[str]:
        """Every node after those it waits for, in the order of the file among equals.

        Nodes on a cycle, and those after one, are left out.
        """
        try:
            return list(nx.lexicographical_topological_sort(self._graph, key=self._index.__getitem__))
        except nx.NetworkXUnfeasible:
            stuck = {node for cycle in self._knots() for node in cycle}
            stuck |= {after for node in stuck for after in self.descendants(node)}
            free = self._graph.subgraph(self._index.keys() - stuck)
            return list(nx.lexicographical_topological_sort(free, key=self._index.__getitem__))

    def before(self, node: str) -> list[str]:
        """The nodes that `node` waits for directly, in the order of the file."""
        return self._in_file_order(self._graph.predecessors(node))

    def after(self, node: str) -> list[str]:
        """The nodes that wait for `node` directly, in the order of the file."""
        return self._in_file_order(self._graph.successors(node))

    def ancestors(self, node: str) -> set[str]:
        """All nodes that `node` depends on, not itself."""
        found: set[str] = nx.ancestors(self._graph, node)
        return found

    def descendants(self, node: str) -> set[str]:
        """All nodes that depend on `node`, not itself."""
        found: set[str] = nx.descendants(self._graph, node)
        return found

    def path(self, start: str, end: str) -> list[str]:
        """The nodes of a shortest way from `start` to `end`, both included; empty where there is none."""
        try:
            return list(nx.shortest_path(self._graph, start, end))
        except nx.NetworkXNoPath:
            return []

    def until(self, node: str) -> list[str]:
        """`node` and all it depends on, in order."""
        wanted = self.ancestors(node) | {node}
        return [name for name in self.order() if name in wanted]

    def from_(self, node: str) -> list[str]:
        """`node` and all that depends on it, in order."""
        wanted = self.descendants(node) | {node}
        return [name for name in self.order() if name in wanted]

    def cycles(self) -> list[list[str]]:
        """One cycle from each knot of nodes that wait for each other: linear, never all cycles."""
        return [self._walk(knot) for knot in self._knots()]

    def _knots(self) -> list[set[str]]:
        knots = [
            knot
            for knot in nx.strongly_connected_components(self._graph)
            if len(knot) > 1 or self._graph.has_edge(*(list(knot) * 2))
        ]
        return sorted(knots, key=lambda knot: min(self._index[node] for node in knot))

    def _walk(self, knot: set[str]) -> list[str]:
        """Forward inside the knot until a node comes again; what lies between is a cycle."""
        path: dict[str, None] = {}
        node = min(knot, key=self._index.__getitem__)
        while node not in path:
            path[node] = None
            node = next(after for after in self._graph.successors(node) if after in knot)
        names = list(path)
        cycle = names[names.index(node) :]
        first = cycle.index(min(cycle, key=self._index.__getitem__))
        return cycle[first:] + cycle[:first]

    def _in_file_order(self, nodes: Iterable[str]) -> list[str]:
        return sorted(nodes, key=self._index.__getitem__)
