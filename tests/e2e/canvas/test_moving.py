"""Selecting and moving cards with the mouse."""

from __future__ import annotations

from tests.e2e.canvas.hand import Canvas, middle


def test_a_card_that_is_dragged_snaps_and_python_hears_where_it_rests(canvas: Canvas) -> None:
    canvas.open()
    head = canvas.node("dpo").locator("header b")
    x, y = middle(head)
    canvas.drag(head, (x + 53, y + 62))
    (left, top) = canvas.heard("move")["positions"]["dpo"]
    assert (left % 8, top % 8) == (0, 0)
    assert (left, top) == (696, 184)
    canvas.heard("select", ids=["dpo"])


def test_click_shift_click_and_escape_select(canvas: Canvas) -> None:
    canvas.open()
    canvas.node("raw").locator("header").click()
    canvas.heard("select", ids=["raw"])
    canvas.node("sft").locator("header").click(modifiers=["Shift"])
    canvas.heard("select", ids=["raw", "sft"])
    canvas.page.keyboard.press("Escape")
    canvas.heard("select", ids=[])


def test_shift_and_drag_over_the_ground_selects_what_it_touches(canvas: Canvas) -> None:
    canvas.open()
    box = canvas.node("raw").bounding_box()
    far = canvas.node("sft").bounding_box()
    assert box and far
    canvas.page.keyboard.down("Shift")
    canvas.drag((box["x"] - 30, box["y"] - 30), (far["x"] + 60, far["y"] + 60))
    canvas.page.keyboard.up("Shift")
    canvas.heard("select", ids=["raw", "sft"])


def test_several_selected_cards_move_together(canvas: Canvas) -> None:
    canvas.open()
    canvas.page.keyboard.press("Control+a")
    canvas.heard("select", ids=["raw", "sft", "dpo"])
    head = canvas.node("sft").locator("header b")
    x, y = middle(head)
    canvas.drag(head, (x + 40, y + 40))
    assert canvas.heard("move")["positions"] == {"raw": [80, 80], "sft": [384, 80], "dpo": [680, 160]}


def test_a_double_click_opens_and_a_right_click_asks_for_a_menu(canvas: Canvas) -> None:
    canvas.open()
    canvas.node("raw").locator("header").dblclick()
    canvas.heard("open", id="raw")
    canvas.node("sft").locator("footer").click(button="right")
    canvas.heard("context", id="sft")
    canvas.page.mouse.click(700, 700, button="right")
    assert "id" not in canvas.heard("context", client_x=700, client_y=700)
