"""Drawing edges: what fits, what is refused, and whose end is taken elsewhere."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.canvas.hand import Canvas, middle
from tests.ui.canvas.graphs import port


def test_an_edge_is_drawn_from_an_output_to_an_input(canvas: Canvas) -> None:
    canvas.open()
    canvas.drag(canvas.port("sft.model", "out"), canvas.port("dpo.model", "in"))
    canvas.heard("connect", source="sft.model", target="dpo.model")


def test_an_edge_can_be_drawn_backwards_and_dropped_on_a_card(canvas: Canvas) -> None:
    canvas.open()
    canvas.drag(canvas.port("dpo.model", "in"), canvas.port("sft.model", "out"))
    canvas.heard("connect", source="sft.model", target="dpo.model")
    canvas.drag(canvas.port("raw.dataset", "out"), canvas.node("dpo").locator("footer"))
    canvas.heard("connect", source="raw.dataset", target="dpo.dataset")


def test_while_drawing_only_ports_that_fit_are_marked(canvas: Canvas) -> None:
    canvas.open()
    x, y = middle(canvas.port("sft.model", "out"))
    canvas.page.mouse.move(x, y)
    canvas.page.mouse.down()
    canvas.page.mouse.move(x + 60, y + 20, steps=3)
    expect(canvas.port("dpo.model", "in")).to_have_attribute("data-fits", "")
    expect(canvas.port("dpo.dataset", "in")).not_to_have_attribute("data-fits", "")
    expect(canvas.port("sft.model", "in")).not_to_have_attribute("data-fits", "")
    canvas.page.keyboard.press("Escape")
    canvas.page.mouse.up()
    expect(canvas.page.locator("[data-fits]")).to_have_count(0)
    canvas.never_heard("connect")


def test_a_port_of_another_kind_is_refused_in_words(canvas: Canvas) -> None:
    canvas.open()
    canvas.drag(canvas.port("sft.metrics", "out"), canvas.port("dpo.dataset", "in"))
    canvas.heard("refused", source="sft.metrics", target="dpo.dataset")
    expect(canvas.page.get_by_role("alert")).to_have_text("dpo.dataset needs something else")
    expect(canvas.page.locator(".draft")).to_have_count(0)
    canvas.never_heard("connect")


def test_a_cycle_is_refused_while_drawing(canvas: Canvas) -> None:
    canvas.open()
    takes, gives = [port("dataset", "dataset")], [port("dataset", "dataset")]
    canvas.tell("apply", [{"op": "node", "id": "raw", "patch": {"inputs": takes}}])
    canvas.tell("apply", [{"op": "node", "id": "sft", "patch": {"outputs": gives}}])
    canvas.drag(canvas.port("sft.dataset", "out"), canvas.port("raw.dataset", "in"))
    canvas.heard("refused", source="sft.dataset", target="raw.dataset")
    canvas.never_heard("connect")


def test_the_end_of_an_edge_is_taken_to_another_port(canvas: Canvas) -> None:
    canvas.open()
    canvas.drag(canvas.port("sft.dataset", "in"), canvas.port("dpo.dataset", "in"))
    canvas.heard("reconnect", edge="raw.dataset>sft.dataset", source="raw.dataset", target="dpo.dataset")


def test_a_canvas_to_look_at_takes_no_changes(canvas: Canvas) -> None:
    canvas.open()
    canvas.tell("set_editable", False)
    expect(canvas.page.locator("[data-action=lock]")).to_have_count(0)
    canvas.drag(canvas.port("sft.model", "out"), canvas.port("dpo.model", "in"))
    canvas.node("raw").locator("header").click()
    canvas.page.keyboard.press("Delete")
    head = canvas.node("raw").locator("header b")
    canvas.drag(head, (middle(head)[0] + 60, middle(head)[1]))
    for name in ("connect", "remove", "move"):
        canvas.never_heard(name)
