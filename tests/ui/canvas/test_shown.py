"""What the page shows is known here too, so that a page that comes back can be told all of it."""

from __future__ import annotations

from tests.ui.canvas.graphs import card, edge, small
from ui.canvas.shown import Shown


def test_changes_add_up() -> None:
    shown = Shown(small())
    more = edge("raw.dataset", "new.dataset", "dataset")
    shown.apply(
        [
            {"op": "node", "id": "new", "patch": dict(card("new", 8, 16))},
            {"op": "node", "id": "new", "patch": {"state": "running"}},
            {"op": "edge", "id": more["id"], "patch": dict(more)},
            {"op": "select", "ids": ["new", "sft"]},
            {"op": "remove", "ids": ["sft", "raw.dataset>sft.dataset"]},
        ]
    )
    graph = shown.graph()
    assert [(node["id"], node["state"]) for node in graph["nodes"]] == [
        ("raw", "draft"), ("dpo", "draft"), ("new", "running")
    ]  # fmt: skip
    assert [known["id"] for known in graph["edges"]] == ["raw.dataset>new.dataset"]
    assert graph["selected"] == ["new"]


def test_what_the_person_moved_stays_where_it_is() -> None:
    shown = Shown(small())
    shown.hear("move", {"positions": {"raw": [80, 96]}})
    shown.hear("viewport", {"x": 5, "y": 6, "zoom": 0.5})
    shown.hear("select", {"ids": ["raw"]})
    graph = shown.graph()
    assert (graph["nodes"][0]["x"], graph["nodes"][0]["y"]) == (80, 96)
    assert graph["viewport"] == {"x": 5, "y": 6, "zoom": 0.5}
    assert graph["selected"] == ["raw"]


def test_what_was_given_is_left_alone() -> None:
    given = small()
    Shown(given).apply([{"op": "node", "id": "raw", "patch": {"title": "changed"}}])
    assert given["nodes"][0]["title"] == "raw"
