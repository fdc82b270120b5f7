"""Order, ancestors and cycles of a pipeline's graph."""

from __future__ import annotations

import time
from itertools import pairwise

from nodegraph.format import load
from nodegraph.graph import Graph


def chain(count: int, extra: list[tuple[str, str]] | None = None) -> Graph:
    names = [f"n{i}" for i in range(count)]
    return Graph(names, [*pairwise(names), *(extra or [])])


def test_equals_come_in_the_order_of_the_file():
    graph = Graph(["z", "b", "a", "end"], [("b", "end"), ("a", "end"), ("z", "end")])
    assert graph.order() == ["z", "b", "a", "end"]


def test_a_node_comes_after_all_it_depends_on():
    graph = Graph(["last", "middle", "first"], [("first", "middle"), ("middle", "last")])
    assert graph.order() == ["first", "middle", "last"]
    assert graph.before("last") == ["middle"]
    assert graph.after("first") == ["middle"]
    assert graph.ancestors("last") == {"first", "middle"}
    assert graph.descendants("first") == {"middle", "last"}


def test_until_and_from(training):
    graph = Graph.of(load(training).pipeline)
    assert graph.until("train") == ["raw", "clean", "train"]
    assert graph.from_("clean") == ["clean", "train", "score"]


def test_a_condition_is_an_edge(training):
    text = training + "  extra:\n    type: preprocess.load\n    when: score.metrics.f1 > 0.5\n"
    graph = Graph.of(load(text).pipeline)
    assert ("score", "extra") in graph.edges
    assert graph.order()[-1] == "extra"


def test_one_cycle_a_knot():
    graph = Graph(
        "abcdefg", [("a", "b"), ("b", "a"), ("b", "c"), ("c", "d"), ("d", "c"), ("e", "e"), ("f", "g")]
    )
    assert graph.cycles() == [["a", "b"], ["c", "d"], ["e"]]
    assert graph.order() == ["f", "g"]


def test_a_cycle_of_10_000_nodes_is_found_at_once():
    started = time.process_time()
    (cycle,) = chain(10_000, [("n9999", "n0")]).cycles()
    assert len(cycle) == 10_000
    assert time.process_time() - started < 2


def test_edges_from_nowhere_are_left_out():
    assert Graph(["a"], [("ghost", "a")]).edges == []


def test_a_way_from_one_node_to_another():
    graph = chain(4, [("n0", "n2")])
    assert graph.path("n0", "n3") == ["n0", "n2", "n3"]
    assert graph.path("n3", "n0") == []
