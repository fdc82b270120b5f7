"""The small picture of a graph: where boxes lie, and the kinds of wires."""

from __future__ import annotations

import pytest

from nodegraph.format import load
from nodegraph.pipeline import Pipeline
from nodegraph.registry import Registry
from ui.gallery.picture import HEIGHT, MARGIN, WIDTH, picture_of


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.scan()


def pipeline(layout: str) -> Pipeline:
    loaded = load(f"""nodegraph: 1
name: small
nodes:
  rows:
    type: preprocess.load
    params: {{source: a.jsonl}}
  tune:
    type: train.sft
    params: {{base_model: m, method: lora}}
    inputs: {{dataset: rows.dataset}}
  test:
    type: evaluate.text
    inputs: {{model: tune.model, dataset: rows.dataset}}
  odd:
    type: nobody.knows
    inputs: {{model: gone.model}}
{layout}""")
    assert loaded.pipeline is not None
    return loaded.pipeline


def test_boxes_lie_as_the_layout_says(registry: Registry) -> None:
    made = picture_of(
        pipeline("layout: {rows: [40, 80], tune: [260, 80], test: [480, 200], odd: [40, 200]}\n"), registry
    )
    rows, tune, test, odd = made.boxes
    assert (rows.x, rows.y) == (MARGIN, MARGIN)
    assert tune.y == rows.y and test.y == odd.y > rows.y and odd.x == rows.x
    assert tune.x - rows.x == pytest.approx(test.x - tune.x) and tune.x > rows.x + WIDTH
    assert made.width == test.x + WIDTH + MARGIN and made.height == test.y + HEIGHT + MARGIN


def test_wires_have_the_kind_that_flows(registry: Registry) -> None:
    made = picture_of(pipeline(""), registry)
    assert [wire.kind for wire in made.wires] == ["dataset", "adapter", "dataset"]
    assert [box.kind for box in made.boxes] == ["dataset", "adapter", "metrics", ""]


def test_a_graph_without_a_layout_is_laid_out(registry: Registry) -> None:
    made = picture_of(pipeline("layout: {rows: [0, 0]}\n"), registry)
    columns = {box.x for box in made.boxes}
    assert len(made.boxes) == 4 and len(columns) >= 3
    assert all(box.x >= 0 and box.y >= 0 for box in made.boxes)


def test_nothing_is_a_picture_too(registry: Registry) -> None:
    made = picture_of(Pipeline(name="none"), registry)
    assert made.boxes == () and made.width > 0 and made.height > 0


def test_a_folded_graph_is_unfolded(registry: Registry) -> None:
    folded = pipeline("layout: {rows: [0, 0], tune: [220, 0], test: [0, 200], odd: [220, 200]}\n")
    rows, tune, test, _ = picture_of(folded, registry).boxes
    assert rows.x < tune.x < test.x
