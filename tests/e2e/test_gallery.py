"""The gallery as a person meets it: look, search, use a template, begin with nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from executor.services.workspace import Workspace
from tests.e2e.editors import Editor


@pytest.fixture(autouse=True)
def known_errors(allowed_errors: list[str]) -> None:
    # Where a new pipeline opens is another page's test.
    allowed_errors.append(r"/pipelines/[a-z0-9-]+\)")


def gallery(page: Page, editor: Editor) -> Page:
    page.goto(f"{editor.url}/")
    expect(page.locator("[data-template]").first).to_be_visible()
    return page


def cards(page: Page) -> Locator:
    return page.locator("[data-template]:visible")


def shown(page: Page) -> list[str]:
    return [str(card.get_attribute("data-template")) for card in cards(page).all()]


def test_every_template_has_a_picture_and_says_what_it_needs(editor: Editor, page: Page) -> None:
    gallery(page, editor)
    expect(page).to_have_title("Gallery · NodeGraph")
    expect(page.locator("[data-hero]")).to_have_count(3)
    assert len(shown(page)) >= 7
    demo = page.locator('[data-template="demo"]')
    expect(demo.locator("svg rect")).to_have_count(9)
    expect(demo.locator('svg path[data-kind="model"]').first).to_be_attached()
    expect(demo).to_contain_text("offline")
    expect(demo).to_contain_text("9 nodes")


def test_a_search_narrows_and_says_so_where_nothing_fits(editor: Editor, page: Page) -> None:
    gallery(page, editor)
    page.keyboard.press("/")
    page.keyboard.type("LoRA")
    expect(cards(page)).to_have_count(1)
    assert shown(page) == ["sft-lora"]
    page.keyboard.type(" zebra")
    expect(page.get_by_text("No template fits")).to_be_visible()
    page.locator('[data-action="show-all"]').click()
    expect(page.locator('[data-template="demo"]')).to_be_visible()
    expect(page.locator("input[data-search]")).to_have_value("")


def test_filters_say_how_many_there_are(editor: Editor, page: Page) -> None:
    gallery(page, editor)
    every = len(shown(page))
    expect(page.locator('[data-filter="all"]')).to_have_text(f"All {every}")
    page.locator('[data-filter="evaluation"]').click()
    expect(cards(page)).to_have_count(1)
    expect(page.locator('[data-filter="evaluation"]')).to_have_attribute("aria-pressed", "true")
    page.locator('[data-filter="offline"]').click()
    expect(page.get_by_text("No template fits")).to_be_visible()
    page.locator('[data-filter="all"]').click()
    expect(page.locator('[data-template="pretrain"]')).to_be_visible()
    expect(page.locator('[data-template="compare"]')).to_be_hidden()


def test_a_template_is_used_with_values_of_ones_own(editor: Editor, page: Page) -> None:
    gallery(page, editor)
    page.locator('[data-template="pretrain"]').click()
    dialog = page.locator('[data-dialog="use-template"]')
    expect(dialog.locator('[data-param="name"] input')).to_have_value("pretrain")
    expect(dialog.locator(".use-side")).to_contain_text("train.pretrain")

    # A wrong value is said at its field, and nothing is created.
    epochs = dialog.locator('[data-param="epochs"]')
    epochs.locator('input:not([type="range"])').fill("-3")
    expect(epochs.locator("[data-problem]")).to_contain_text("at least 0.01")
    dialog.locator('[data-action="create"]').click()
    expect(epochs.locator("[data-problem]")).to_be_visible()
    expect(page).to_have_url(f"{editor.url}/")

    epochs.locator('input:not([type="range"])').fill("2")
    expect(epochs.locator("[data-problem]")).to_have_count(0)
    dialog.locator('[data-param="name"] input').fill("my-own-model")
    dialog.locator('[data-action="create"]').click()
    expect(page).to_have_url(f"{editor.url}/pipelines/my-own-model")
    page.goto(f"{editor.url}/pipelines")
    with page.expect_download() as download:
        row = page.locator('[data-pipeline="my-own-model"]')
        row.locator('[data-action="more"]').click()
        page.locator('.q-menu [data-action="export"]').click()
    text = download.value.path().read_text(encoding="utf-8")
    assert "name: my-own-model" in text
    assert re.search(r"epochs: \{kind: number, default: 2,", text)


def test_a_name_that_is_taken_or_wrong_is_said_at_the_name(editor: Editor, page: Page) -> None:
    gallery(page, editor)
    page.locator('[data-hero="compare"] [data-action="use-template"]').click()
    dialog = page.locator('[data-dialog="use-template"]')
    name = dialog.locator('[data-param="name"]')
    name.locator("input").fill("Not a Name")
    dialog.locator('[data-action="create"]').click()
    expect(name.locator("[data-problem]")).to_contain_text("small letters")
    name.locator("input").fill("compared")
    name.locator("input").press("Enter")
    expect(page).to_have_url(f"{editor.url}/pipelines/compared")

    gallery(page, editor)
    page.locator('[data-template="compare"]').press("Enter")
    expect(name.locator("input")).to_have_value("compare")
    name.locator("input").fill("compared")
    dialog.locator('[data-action="create"]').click()
    expect(name.locator("[data-problem]")).to_contain_text("There is a pipeline compared already.")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_one_can_begin_with_nothing(editor: Editor, page: Page) -> None:
    gallery(page, editor)
    page.keyboard.press("n")
    dialog = page.locator('[data-dialog="new"]')
    dialog.locator('[data-param="title"] input').fill("Weekly retrain")
    expect(dialog.locator('[data-param="name"] input')).to_have_value("weekly-retrain")
    dialog.locator('[data-action="create"]').click()
    expect(page).to_have_url(f"{editor.url}/pipelines/weekly-retrain")


def test_in_chinese_the_template_and_what_is_made_of_it_are_chinese(
    editor: Editor, new_page: Callable[..., Page]
) -> None:
    page = gallery(new_page(locale="zh-CN"), editor)
    page.keyboard.press("/")
    page.keyboard.type("预训练")
    expect(page.locator('[data-template="pretrain"]')).to_contain_text("从零预训练")
    page.locator('[data-template="pretrain"]').click()
    dialog = page.locator('[data-dialog="use-template"]')
    expect(dialog.locator('[data-param="epochs"]')).to_contain_text("轮数")
    dialog.locator('[data-param="epochs"] input:not([type="range"])').fill("0")
    expect(dialog.locator('[data-param="epochs"] [data-problem]')).to_contain_text("不小于 0.01")
    dialog.locator('[data-param="epochs"] input:not([type="range"])').fill("1")
    dialog.locator('[data-param="name"] input').fill("zh-pretrain")
    dialog.locator('[data-action="create"]').click()
    expect(page).to_have_url(f"{editor.url}/pipelines/zh-pretrain")
    page.goto(f"{editor.url}/pipelines")
    expect(page.locator('[data-pipeline="zh-pretrain"]')).to_contain_text("从零预训练")
    expect(page.locator('[data-pipeline="zh-pretrain"] [data-action="run"]')).to_have_text("运行")


def test_the_language_changes_without_a_reload(editor: Editor, page: Page) -> None:
    gallery(page, editor)
    page.keyboard.press("/")
    page.keyboard.type("lora")
    expect(cards(page)).to_have_count(1)
    page.locator('[data-action="language"]').click()
    expect(page.locator('[data-template="sft-lora"]')).to_contain_text("用 LoRA 微调")
    expect(cards(page)).to_have_count(1)


def test_what_cannot_run_yet_opens_without_a_run(editor: Editor, page: Page) -> None:
    gallery(page, editor)
    page.locator('[data-template="pretrain"]').click()
    dialog = page.locator('[data-dialog="use-template"]')
    dialog.locator('[data-param="source"] input').fill("example:nowhere.txt")
    dialog.locator('[data-param="name"] input').fill("without-data")
    dialog.locator('[data-action="create-run"]').click()
    expect(page).to_have_url(f"{editor.url}/pipelines/without-data")
    with Workspace(editor.data_dir) as workspace:
        assert workspace.runs.list(pipeline="without-data") == []


def test_a_template_can_be_run_at_once(editor: Editor, page: Page) -> None:
    gallery(page, editor)
    page.locator('[data-template="pretrain"]').click()
    dialog = page.locator('[data-dialog="use-template"]')
    dialog.locator('[data-param="name"] input').fill("at-once")
    dialog.locator('[data-action="create-run"]').click()
    expect(page).to_have_url(re.compile(r"/pipelines/at-once\?run=\d+$"))
    with Workspace(editor.data_dir) as workspace:
        (run,) = workspace.runs.list(pipeline="at-once")
        workspace.runs.cancel(run.id)
        assert workspace.runs.wait(run.id, timeout=60).state == "cancelled"
