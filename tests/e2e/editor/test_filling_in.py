"""Forms beside the graph: values, names, secrets, and what becomes of a run with wrong ones."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from executor.services.workspace import Workspace
from tests.e2e.editor.sheet import TEXT, Sheet
from tests.e2e.editors import Editor


def test_a_wrong_value_shows_under_its_field_and_in_problems(sheet: Sheet) -> None:
    page = sheet.page
    sheet.node("train").click()
    box = sheet.field("epochs").locator("input:not([type=range])")
    box.fill("-3")
    expect(sheet.field("epochs")).to_contain_text("must be")
    line = page.locator('[data-problem="bad-param"]')
    expect(line).to_have_attribute("data-place", "train.epochs")
    expect(sheet.node("train").locator('[data-severity="error"]')).to_be_visible()
    expect(page.locator('.topbar [data-state="failed"]')).to_have_text("1")

    page.locator("[data-canvas]").click(position={"x": 20, "y": 400})
    expect(page.locator('[data-inspector] [data-param="title"]')).to_be_visible()
    line.click()
    expect(box).to_be_focused()
    box.fill("3")
    expect(line).to_have_count(0)


def test_what_is_typed_right_after_a_click_on_a_node_is_that_nodes(sheet: Sheet) -> None:
    sheet.node("raw").click()
    expect(sheet.field("limit")).to_be_visible()
    sheet.node("score").click()
    sheet.field("limit").locator("input").last.fill("7")
    sheet.keeps()
    nodes = sheet.saved().nodes
    assert (nodes["score"].params.get("limit"), nodes["raw"].params.get("limit")) == (7, None)


def test_run_with_errors_opens_problems(sheet: Sheet) -> None:
    page = sheet.page
    page.locator('[data-edge="raw.dataset>clean.dataset"]').first.evaluate(
        "element => element.scrollIntoView()"
    )
    sheet.node("raw").click()
    page.keyboard.press("Delete")
    expect(sheet.node("raw")).to_have_count(0)
    problems = page.locator("[data-problems]")
    expect(problems).to_have_attribute("data-problems", "2")
    problems.locator('[data-action="problems"]').click()
    expect(page.locator("[data-problem]")).to_have_count(0)
    sheet.act("run")
    expect(page.locator('[data-problem="missing-input"]')).to_have_count(2)
    expect(page.locator('[data-action="cancel"]')).to_have_count(0)


def test_a_node_is_renamed_everywhere(sheet: Sheet) -> None:
    page = sheet.page
    sheet.node("train").click()
    page.locator('[data-action="rename"]').click()
    dialog = page.locator('[data-dialog="rename"]')
    dialog.locator("input").fill("clean")
    dialog.locator('[data-action="confirm-rename"]').click()
    expect(dialog).to_contain_text("There is a node clean already.")
    dialog.locator("input").fill("tune")
    dialog.locator('[data-action="confirm-rename"]').click()
    expect(sheet.node("tune")).to_be_visible()
    expect(page.locator('[data-edge="tune.model>score.model"]')).to_have_count(1)
    expect(page.locator("[data-node-id]")).to_have_text("tune")


def test_whatever_a_title_says_it_is_text(sheet: Sheet) -> None:
    page = sheet.page
    evil = '<img src=x onerror="window.hit=1"> & {{ 7*7 }} 超长标题' + "很" * 60
    sheet.node("clean").click()
    page.locator('[data-group="node.node"] .sect-head').click()
    box = sheet.field("title").locator("input")
    box.fill(evil)
    expect(sheet.node("clean").locator("b").first).to_have_text(evil)
    card = sheet.node("clean").bounding_box()
    assert card and card["width"] < 200
    assert page.evaluate("window.hit") is None
    page.locator("[data-title]").fill(evil)
    page.keyboard.press("Enter")
    expect(page.locator('.topbar [data-action="run"]')).to_be_in_viewport()


def test_a_missing_secret_is_added_where_it_is_missed(
    editor: Editor, page: Page, make: Callable[..., str]
) -> None:
    serve = "type: deploy.service, params: {api_key: A_KEY_OF_OURS}, inputs: {model: train.model}"
    text = TEXT.replace("layout:", f"  serve: {{{serve}}}\nlayout:")
    sheet = Sheet(page, editor, make(text))
    sheet.open()
    line = page.locator('[data-problem="missing-secret"]')
    expect(line).to_contain_text("A_KEY_OF_OURS")
    line.locator('[data-action="add-secret"]').click()
    dialog = page.locator('[data-dialog="secret"]')
    expect(dialog.locator("input")).to_be_focused()
    dialog.locator("input").fill("geheim")
    dialog.locator("input").press("Enter")
    expect(line).to_have_count(0)
    with Workspace(editor.data_dir) as workspace:
        assert workspace.secrets.value("A_KEY_OF_OURS") == "geheim"


def test_a_run_that_fails_says_why_and_what_is_changed_goes_stale(
    editor: Editor, page: Page, make: Callable[..., str]
) -> None:
    text = TEXT[: TEXT.index("  train:")].replace(
        "clean\n    inputs", "clean\n    params: {min_chars: 9999}\n    inputs"
    )
    sheet = Sheet(page, editor, make(text))
    sheet.open()
    sheet.act("run")
    expect(sheet.node("raw")).to_have_attribute("data-state", re.compile("succeeded|cached"), timeout=60_000)
    expect(sheet.node("clean")).to_have_attribute("data-state", "failed", timeout=60_000)
    expect(sheet.node("clean")).to_contain_text("rows")
    expect(page).to_have_url(re.compile(r"\?run=\d+$"))
    sheet.node("clean").locator('[data-action="log"]').click()
    expect(page.locator("[data-run] [data-tab=log]")).to_have_attribute("aria-selected", "true")

    page.locator('[data-action="edit"]').click()
    expect(sheet.node("clean")).to_have_attribute("data-state", "failed")
    sheet.node("clean").locator("header").click()
    sheet.field("min_chars").locator("input:not([type=range])").fill("2")
    expect(sheet.node("clean")).to_have_attribute("data-state", re.compile("draft|stale"))
    sheet.act("run")
    expect(sheet.node("raw")).to_have_attribute("data-state", "cached", timeout=60_000)
    expect(sheet.node("clean")).to_have_attribute("data-state", "succeeded", timeout=60_000)
    page.locator('[data-action="edit"]').click()
    sheet.node("raw").locator("header").click()
    sheet.field("limit").locator("input:not([type=range])").fill("5")
    expect(sheet.node("raw")).to_have_attribute("data-state", "stale")
    expect(sheet.node("raw")).to_contain_text("stale: limit")
    expect(sheet.node("clean")).to_contain_text("stale: upstream changed")


def test_a_parameter_of_the_pipeline_is_added(sheet: Sheet) -> None:
    page = sheet.page
    page.locator('[data-action="add-parameter"]').click()
    dialog = page.locator('[data-dialog="parameter"]')
    dialog.locator('[data-param="name"] input').fill("rows")
    dialog.locator('[data-param="default"] input').fill("20")
    dialog.locator('[data-action="apply-parameter"]').click()
    expect(page.locator('[data-parameter="rows"]')).to_contain_text("20")
    assert sheet.saved().parameters["rows"].default == "20"


def test_the_language_changes_without_loss(sheet: Sheet) -> None:
    page = sheet.page
    sheet.drop("augment.noise", 300, 500)
    sheet.node("train").click()
    page.locator('[data-action="language"]').click()
    expect(page.locator('.topbar [data-action="run"]').first).to_contain_text("运行")
    expect(sheet.node("noise")).to_be_visible()
    expect(page.locator("[data-node-id]")).to_have_text("train")
    sheet.act("undo")
    expect(sheet.node("noise")).to_have_count(0)
    sheet.drop("preprocess.split", 300, 500)
    expect(sheet.node("split")).to_contain_text("拆分数据")
    expect(sheet.node("split")).to_contain_text("草稿")
