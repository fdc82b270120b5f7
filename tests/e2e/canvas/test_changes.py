"""What Python says is shown, as text, and told again to a page that comes back."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.canvas.hand import Canvas
from tests.ui.canvas.graphs import card, edge


def test_changes_are_shown_and_counted(canvas: Canvas) -> None:
    canvas.open()
    more = edge("raw.dataset", "new.dataset", "dataset")
    done = {"state": "succeeded", "foot": "succeeded", "time": "9 s"}
    canvas.tell("apply", [
        {"op": "node", "id": "new", "patch": card("new", 40, 240)},
        {"op": "node", "id": "raw", "patch": done},
        {"op": "edge", "id": more["id"], "patch": more},
        {"op": "select", "ids": ["new"]},
    ])  # fmt: skip
    expect(canvas.page.locator("[data-canvas]")).to_have_attribute("data-nodes", "4")
    expect(canvas.node("raw")).to_have_attribute("data-state", "succeeded")
    expect(canvas.node("raw").locator("footer")).to_have_text("succeeded9 s")
    expect(canvas.page.locator('[data-edge="raw.dataset>new.dataset"]')).to_be_attached()
    canvas.tell("apply", [{"op": "remove", "ids": ["new", "raw.dataset>new.dataset"]}])
    expect(canvas.page.locator("[data-canvas]")).to_have_attribute("data-nodes", "3")
    expect(canvas.page.locator("[data-edge]")).to_have_count(1)
    canvas.never_heard("select")


def test_a_page_that_comes_back_shows_what_changed_meanwhile(canvas: Canvas) -> None:
    canvas.open()
    canvas.tell("apply", [{"op": "remove", "ids": ["dpo"]}])
    canvas.page.context.set_offline(True)
    canvas.tell("apply", [{"op": "node", "id": "raw", "patch": {"state": "failed", "cause": "No such file"}}])
    canvas.page.context.set_offline(False)
    expect(canvas.node("raw")).to_have_attribute("data-state", "failed")
    expect(canvas.page.locator("[data-canvas]")).to_have_attribute("data-nodes", "2")


def test_a_canvas_that_is_shown_anew_has_all_of_it(canvas: Canvas) -> None:
    canvas.open()
    canvas.node("raw").locator("header").click()
    canvas.heard("select", ids=["raw"])
    canvas.tell("apply", [{"op": "remove", "ids": ["dpo"]}])
    canvas.page.request.post(f"{canvas.address}/move")
    expect(canvas.page.locator("#elsewhere [data-canvas]")).to_have_attribute("data-nodes", "2")
    expect(canvas.page.locator(".vue-flow__node.selected")).to_have_attribute("data-id", "raw")


def test_in_a_crowd_every_port_is_there_soon(canvas: Canvas) -> None:
    """The cards are shown before what one cannot read yet is made."""
    canvas.open("large")
    expect(canvas.page.locator("[data-canvas] li[data-port][data-side=out]")).to_have_count(600)


def test_how_far_many_are_ends_in_what_was_told_last(canvas: Canvas) -> None:
    """The progress of many waits a moment; a change of state does not, and is not overtaken by it."""
    canvas.open("large")
    canvas.tell("focus", "n0")
    expect(canvas.node("n0").locator("footer")).to_be_visible()

    def tell(nodes: list[str], state: str, foot: str) -> None:
        patch = {"state": state, "state_word": state, "foot": foot}
        canvas.tell("apply", [{"op": "node", "id": node, "patch": patch} for node in nodes])

    many = [f"n{k}" for k in range(200)]
    tell(many, "running", "begun")
    for step in range(1, 4):
        tell(many, "running", f"{step} of 3")
    tell(["n0"], "succeeded", "done")
    expect(canvas.node("n0")).to_have_attribute("data-state", "succeeded")
    near = canvas.page.locator('[data-state="running"] footer:visible')
    expect(near.filter(has_text="3 of 3")).not_to_have_count(0)
    expect(near.filter(has_not_text="3 of 3")).to_have_count(0)
    expect(canvas.node("n0").locator("footer")).to_contain_text("done")


def test_markup_in_titles_causes_and_notes_stays_text(canvas: Canvas) -> None:
    canvas.open()
    nasty = "<img src=x onerror=\"document.title='hit'\">"
    fields = ("title", "type", "foot", "cause", "problem_text", "time", "foot_strong", "state_word")
    patch = {**dict.fromkeys(fields, nasty), "state": "failed", "problem": "error", "summary": [nasty]}
    note = {"id": "n", "kind": "note", "x": 0, "y": 300, "width": 160, "height": 80, "text": nasty}
    canvas.tell(
        "apply", [{"op": "node", "id": "raw", "patch": patch}, {"op": "note", "id": "n", "patch": note}]
    )
    expect(canvas.node("raw").locator("header b")).to_have_text(nasty)
    expect(canvas.page.locator("[data-note=n]")).to_contain_text(nasty)
    canvas.node("raw").locator("header b").hover()
    expect(canvas.page.get_by_role("tooltip")).to_have_text(nasty)
    expect(canvas.page.locator("[data-canvas] img")).to_have_count(0)
    assert canvas.page.title() != "hit"


def test_a_button_on_a_card_is_told_and_answered(canvas: Canvas) -> None:
    canvas.open()
    patch = {"actions": [{"name": "echo", "title": "Echo"}]}
    canvas.tell("apply", [{"op": "node", "id": "sft", "patch": patch}])
    canvas.node("sft").get_by_role("button", name="Echo").click()
    canvas.heard("action", id="sft", name="echo")
    expect(canvas.node("sft").locator("footer")).to_contain_text("echo")
