"""Zoom, panning, frames, notes, and large graphs."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.canvas.hand import Canvas, middle


def test_the_levels_of_detail_follow_the_zoom(canvas: Canvas) -> None:
    canvas.open("running")
    root = canvas.page.locator("[data-canvas]")
    expect(root).to_have_class("canvas is-full")
    expect(canvas.node("sft").locator(".ports")).to_be_visible()
    for level in ("mid", "tiny"):
        for _ in range(3):
            zoom_out(canvas)
        expect(root).to_have_class(f"canvas is-{level}")
        expect(canvas.node("sft").locator(".ports")).to_be_hidden()
    box = canvas.node("sft").locator("header").bounding_box()
    assert box
    assert box["width"] == pytest.approx(40, abs=2)
    assert box["height"] == pytest.approx(32, abs=2)
    canvas.heard("viewport")


def zoom_out(canvas: Canvas) -> None:
    """One press, to its end: the zoom is animated, and each press counts from where it is."""
    scale = (
        "new DOMMatrix(getComputedStyle(document.querySelector('.vue-flow__transformationpane')).transform).a"
    )
    before = canvas.page.evaluate(scale)
    canvas.page.locator("[data-action=zoom-out]").click()
    canvas.page.wait_for_function(f"wanted => Math.abs({scale} - wanted) < 1e-4", arg=before * 0.8)


def test_a_drag_on_the_ground_pans_and_f_fits_again(canvas: Canvas) -> None:
    canvas.open()
    before = middle(canvas.node("raw"))
    canvas.drag((700, 700), (500, 600))
    after = middle(canvas.node("raw"))
    assert (round(after[0] - before[0]), round(after[1] - before[1])) == (-200, -100)
    canvas.heard("viewport")
    canvas.page.keyboard.press("f")
    canvas.page.wait_for_function(
        "x => Math.abs(document.querySelector('[data-node=raw]').getBoundingClientRect().x - x) < 2",
        arg=canvas_left(before),
    )


def canvas_left(place: tuple[float, float]) -> float:
    return place[0] - 88


def test_focus_brings_a_far_node_into_the_window(canvas: Canvas) -> None:
    canvas.open("large")
    canvas.tell("focus", "n299")
    expect(canvas.page.locator("[data-canvas]")).to_have_class("canvas is-full")
    expect(canvas.node("n299").locator("footer")).to_be_in_viewport()


def test_a_frame_takes_along_what_lies_in_it(canvas: Canvas) -> None:
    canvas.open("running")
    title = canvas.page.locator("[data-note=align] > b")
    x, y = middle(title)
    canvas.drag(title, (x + 64, y + 32))
    positions = canvas.heard("move")["positions"]
    assert set(positions) == {"align", "sft", "dpo", "eval"}
    assert positions["sft"] == [490 + positions["align"][0] - 476, 162 + positions["align"][1] - 14]


def test_the_corner_of_a_note_resizes_it(canvas: Canvas) -> None:
    canvas.open("running")
    corner = canvas.page.locator("[data-note=note] > .corner")
    x, y = middle(corner)
    canvas.drag(corner, (x + 40, y + 24))
    canvas.heard("resize", id="note", width=216, height=120)


def test_a_wheel_zooms_and_two_fingers_sideways_pan(canvas: Canvas) -> None:
    canvas.open()
    before = middle(canvas.node("raw"))
    canvas.page.mouse.move(700, 600)
    canvas.page.mouse.wheel(30, 0)
    canvas.heard("viewport", zoom=1)
    assert middle(canvas.node("raw"))[0] == pytest.approx(before[0] - 30)
    canvas.page.mouse.wheel(0, 240)
    expect(canvas.page.locator("[data-action=zoom-reset]")).not_to_have_text("100%")


def test_a_node_type_is_dropped_from_the_palette(canvas: Canvas) -> None:
    canvas.open()
    canvas.page.evaluate("""() => {
      const data = new DataTransfer();
      data.setData("application/x-nodegraph-type", "train.dpo");
      const at = { dataTransfer: data, clientX: 600, clientY: 700, bubbles: true, cancelable: true };
      const over = document.elementFromPoint(600, 700);
      for (const name of ["dragover", "drop"]) over.dispatchEvent(new DragEvent(name, at));
    }""")
    dropped = canvas.heard("drop", type="train.dpo")
    assert (dropped["x"] % 16, dropped["y"] % 16) == (0, 0)


def test_300_nodes_are_all_there(canvas: Canvas) -> None:
    canvas.open("large")
    expect(canvas.page.locator("[data-node]")).to_have_count(300)
    expect(canvas.page.locator("[data-canvas]")).to_have_attribute("data-nodes", "300")
