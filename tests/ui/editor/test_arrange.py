"""Auto-layout: forward, without overlap, always the same."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ui.editor.arrange import COLUMN, arrange

NODES = st.integers(0, 25).map(lambda count: [f"n{index}" for index in range(count)])


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[str], list[tuple[str, str]], dict[str, float]]:
    nodes = draw(NODES)
    edges = draw(st.lists(st.tuples(st.sampled_from(nodes), st.sampled_from(nodes)))) if nodes else []
    return nodes, edges, {name: draw(st.floats(60, 200)) for name in nodes}


@settings(deadline=None)
@given(graphs())
def test_edges_lead_to_the_right_and_no_card_covers_another(graph) -> None:  # type: ignore[no-untyped-def]
    nodes, edges, heights = graph
    places = arrange(nodes, edges, heights)
    assert set(places) == set(nodes)
    assert places == arrange(nodes, edges, heights)
    for a, b in edges:
        if nodes.index(a) < nodes.index(b):
            assert places[a][0] < places[b][0]
    columns: dict[float, list[str]] = {}
    for name, (x, _) in places.items():
        assert x % COLUMN == 0
        columns.setdefault(x, []).append(name)
    for column in columns.values():
        column.sort(key=lambda name: places[name][1])
        for above, below in pairwise(column):
            assert places[above][1] + heights[above] < places[below][1]


def test_a_chain_is_a_straight_line() -> None:
    nodes = ["a", "b", "c"]
    places = arrange(nodes, [("a", "b"), ("b", "c")], dict.fromkeys(nodes, 100))
    assert places == {"a": (0, 0), "b": (COLUMN, 0), "c": (2 * COLUMN, 0)}


def test_two_chains_do_not_cross() -> None:
    nodes = ["a1", "b1", "b2", "a2"]
    places = arrange(nodes, [("a1", "a2"), ("b1", "b2")], dict.fromkeys(nodes, 100))
    assert (places["a1"][1] < places["b1"][1]) is (places["a2"][1] < places["b2"][1])
