"""The graph by hand: drag, connect, copy, move, undo."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from executor.services.workspace import Workspace
from tests.e2e.editor.sheet import TEXT, Sheet
from tests.e2e.editors import Editor


def test_a_pipeline_is_dragged_together(editor: Editor, page: Page, make: Callable[..., str]) -> None:
    sheet = Sheet(page, editor, make("name: NAME\n"))
    sheet.open()
    expect(page.locator(".start")).to_contain_text("An empty pipeline")
    run, problems = page.locator('[data-action="run"]'), page.locator("[data-problems]")
    expect(run).to_be_disabled()
    expect(run).to_have_attribute("title", "There is nothing to run yet: drag a node onto the canvas")
    sheet.drop("preprocess.clean", 560, 240)
    expect(sheet.node("clean")).to_be_visible()
    expect(page.locator(".start")).to_be_empty()
    expect(run).to_be_enabled()
    expect(problems).to_contain_text("Add a node that gives one, and drag an edge from it.")
    sheet.drop("preprocess.load", 200, 200)
    expect(sheet.node("load")).to_be_visible()
    sheet.wire("load.dataset", "clean.dataset")
    expect(sheet.edges()).to_have_count(1)
    sheet.node("load").click()
    source = sheet.field("source")
    source.locator("input").fill("example:shop_answers.jsonl")
    expect(sheet.node("load")).to_contain_text("shop_answers.jsonl")
    expect(problems).to_have_attribute("data-problems", "0")
    pipeline = sheet.saved()
    assert pipeline.nodes["clean"].inputs == {"dataset": "load.dataset"}
    assert pipeline.nodes["load"].params == {"source": "example:shop_answers.jsonl"}


def test_a_pipeline_without_nodes_has_no_problem(
    editor: Editor, page: Page, make: Callable[..., str]
) -> None:
    sheet = Sheet(page, editor, make("name: NAME\n"))
    sheet.open()
    sheet.page.locator(".ptitle").fill("Soon more")
    sheet.page.keyboard.press("Enter")
    sheet.keeps()
    expect(page.locator("[data-problems]")).to_have_attribute("data-problems", "0")


def test_enter_and_a_double_click_in_the_palette_add_a_node(sheet: Sheet) -> None:
    sheet.page.keyboard.press("/")
    sheet.page.keyboard.type("noise")
    item = sheet.page.locator('[data-palette] [data-type="augment.noise"]')
    expect(sheet.page.locator("[data-palette] [data-type]")).to_have_count(1)
    item.focus()
    sheet.page.keyboard.press("Enter")
    expect(sheet.node("noise")).to_be_visible()
    item.dblclick()
    expect(sheet.node("noise-2")).to_be_visible()


def test_a_wrong_kind_is_refused_with_the_reason(sheet: Sheet) -> None:
    sheet.wire("train.metrics", "clean.dataset")
    expect(sheet.page.get_by_text("clean.dataset needs dataset, got metrics")).to_be_visible()
    expect(sheet.edges()).to_have_count(4)


def test_a_circle_is_refused(sheet: Sheet) -> None:
    sheet.wire("score.samples", "clean.dataset")
    expect(
        sheet.page.get_by_text("This edge would close a circle: score → clean → train → score")
    ).to_be_visible()
    expect(sheet.edges()).to_have_count(4)


def test_an_occupied_input_gets_the_new_edge(sheet: Sheet) -> None:
    sheet.wire("clean.dataset", "score.dataset")
    expect(sheet.page.locator('[data-edge="clean.dataset>score.dataset"]')).to_have_count(1)
    expect(sheet.edges()).to_have_count(4)


def test_undo_and_redo_by_button_and_key(sheet: Sheet) -> None:
    page = sheet.page
    undo = page.locator('.topbar [data-action="undo"]')
    expect(undo).to_be_disabled()
    sheet.node("clean").click()
    page.keyboard.press("Delete")
    expect(sheet.node("clean")).to_have_count(0)
    expect(sheet.edges()).to_have_count(2)
    undo.click()
    expect(sheet.node("clean")).to_be_visible()
    expect(sheet.edges()).to_have_count(4)
    page.keyboard.press("Control+Shift+z")
    expect(sheet.node("clean")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(sheet.node("clean")).to_be_visible()
    expect(page.locator("[data-kept]")).to_have_text("Saved")


def test_nodes_are_copied_within_and_between_pipelines(
    sheet: Sheet, make: Callable[..., str], editor: Editor
) -> None:
    page = sheet.page
    sheet.node("train").click()
    sheet.node("score").click(modifiers=["Shift"])
    expect(page.locator("[data-inspector]")).to_contain_text("2 nodes selected")
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    expect(sheet.node("train-2")).to_have_count(1)
    expect(page.locator('[data-edge="train-2.model>score-2.model"]')).to_have_count(1)
    expect(page.locator('[data-edge="clean.dataset>train-2.dataset"]')).to_have_count(1)

    with Workspace(editor.data_dir) as workspace:
        workspace.pipelines.save("name: another-place\n")
    other = Sheet(page, editor, "another-place")
    other.open()
    page.keyboard.press("Control+v")
    expect(other.node("train")).to_have_count(1)
    expect(other.edges()).to_have_count(1)
    page.keyboard.press("Control+d")
    expect(other.node("train-2")).to_have_count(1)


def test_the_menu_of_a_node(sheet: Sheet) -> None:
    page = sheet.page

    def choose(action: str) -> None:
        sheet.node("train").locator("header").click(button="right")
        page.locator(f'.q-menu [data-action="{action}"]').click()

    choose("disconnect")
    expect(sheet.edges()).to_have_count(2)
    choose("disable")
    expect(sheet.node("train")).to_have_class(re.compile("is-off"))
    choose("enable")
    expect(sheet.node("train")).not_to_have_class(re.compile("is-off"))
    choose("duplicate")
    expect(sheet.node("train-2")).to_be_visible()
    choose("delete")
    expect(sheet.node("train")).to_have_count(0)


def test_auto_layout_moves_cards_apart_and_can_be_undone(
    editor: Editor, page: Page, make: Callable[..., str]
) -> None:
    piled = re.sub(r"\[\d+, \d+\]", "[40, 40]", TEXT)
    sheet = Sheet(page, editor, make(piled))
    sheet.open()
    sheet.more("arrange")
    expect(page.locator('.topbar [data-action="undo"]')).to_be_enabled()
    places = sheet.saved().layout
    assert len({tuple(place) for place in places.values()}) == 4
    assert places["raw"][0] < places["clean"][0] < places["train"][0] < places["score"][0]


def test_a_node_is_moved_by_hand(sheet: Sheet) -> None:
    head = sheet.node("score").locator("header")
    box = head.bounding_box()
    assert box
    mouse = sheet.page.mouse
    mouse.move(box["x"] + 60, box["y"] + 12)
    mouse.down()
    mouse.move(box["x"] + 160, box["y"] + 92, steps=6)
    mouse.up()
    sheet.keeps()
    x, y = sheet.saved().layout["score"]
    assert x > 560 and y > 340


def test_the_keys_are_told(sheet: Sheet) -> None:
    sheet.page.locator("[data-canvas]").focus()
    sheet.page.keyboard.press("?")
    expect(sheet.page.locator('[data-dialog="keys"]')).to_contain_text("Duplicate")
