"""What the keys do while the canvas has the focus."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.canvas.hand import Canvas


def test_delete_removes_cards_and_edges(canvas: Canvas) -> None:
    canvas.open()
    canvas.node("dpo").locator("header").click()
    canvas.page.keyboard.press("Delete")
    canvas.heard("remove", ids=["dpo"])
    canvas.page.locator("[data-edge] .hit").click(force=True)
    canvas.page.keyboard.press("Backspace")
    canvas.heard("remove", ids=["raw.dataset>sft.dataset"])


@pytest.mark.parametrize(
    ("keys", "intent"),
    [
        ("Control+z", "undo"), ("Control+Shift+z", "redo"), ("Control+y", "redo"), ("Control+c", "copy"),
        ("Control+x", "cut"), ("Control+v", "paste"), ("Control+d", "duplicate"), ("Control+s", "save"),
        ("Control+Enter", "run"), ("n", "note"), ("/", "search"),
    ],
)  # fmt: skip
def test_keys_say_what_is_wanted(canvas: Canvas, keys: str, intent: str) -> None:
    canvas.open()
    canvas.node("raw").locator("header").click()
    canvas.page.keyboard.press(keys)
    canvas.heard(intent)


def test_arrow_keys_move_what_is_selected(canvas: Canvas) -> None:
    canvas.open()
    canvas.node("raw").locator("header").click()
    canvas.page.keyboard.press("ArrowRight")
    canvas.page.keyboard.press("ArrowDown")
    canvas.heard("move", positions={"raw": [56, 56]})


def test_tab_goes_through_the_cards_and_enter_opens_one(canvas: Canvas) -> None:
    canvas.open()
    canvas.page.locator("[data-canvas]").focus()
    for name in ("raw", "sft", "dpo"):
        canvas.page.keyboard.press("Tab")
        expect(canvas.node(name)).to_be_focused()
    canvas.page.keyboard.press("Shift+Tab")
    expect(canvas.node("sft")).to_be_focused()
    canvas.page.keyboard.press("Enter")
    canvas.heard("open", id="sft")


def test_keys_in_a_note_stay_in_it(canvas: Canvas) -> None:
    canvas.open("running")
    note = canvas.page.locator("[data-note=note]")
    note.dblclick()
    field = note.locator("textarea")
    expect(field).to_be_focused()
    field.fill("Ask Mei")
    canvas.page.keyboard.press("Backspace")
    canvas.page.keyboard.press("Control+Enter")
    canvas.heard("note_text", id="note", text="Ask Me")
    canvas.never_heard("remove")
    canvas.never_heard("run")
