"""The list of pipelines as a person works with it: new, import, copy, export, versions, delete and undo."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from executor.services.workspace import Workspace
from tests.e2e.editors import Editor

GOOD = """nodegraph: 1
name: answers
title: Answers <b>of</b> the shop
nodes:
  load:
    type: preprocess.load
    params: {source: "example:shop_answers.jsonl", limit: 20}
"""
BAD = """nodegraph: 1
name: Wrong Name
nodes:
  load:
    type: preprocess.laod
titel: Oops
"""


@pytest.fixture(autouse=True)
def known_errors(allowed_errors: list[str]) -> None:
    # Where a pipeline or a run opens is another page's test.
    allowed_errors.append(r"/(pipelines|runs)/[a-z0-9-]+\)")


@dataclass
class Listed:
    """The page, two pipelines in it, and the text of the first; each test has pipelines of its own."""

    page: Page
    answers: str
    blank: str

    @property
    def text(self) -> str:
        return GOOD.replace("name: answers", f"name: {self.answers}")

    def row(self, name: str) -> Locator:
        return self.page.locator(f'[data-pipeline="{name}"]')

    def choose(self, name: str, action: str) -> None:
        self.row(name).locator('[data-action="more"]').click()
        self.page.locator(f'.q-menu [data-action="{action}"]').click()

    def version(self, name: str) -> Locator:
        return self.row(name).locator("td").nth(1)


@pytest.fixture
def listed(editor: Editor, page: Page, request: pytest.FixtureRequest) -> Listed:
    number = request.node.session.items.index(request.node)
    made = Listed(page, f"answers-of-{number}", f"blank-of-{number}")
    with Workspace(editor.data_dir) as workspace:
        workspace.pipelines.save(made.text)
        workspace.pipelines.create(made.blank, f"空白 {number}")
    page.goto(f"{editor.url}/pipelines")
    expect(made.row(made.answers)).to_be_visible()
    return made


def test_where_nothing_is_yet_the_page_says_what_to_do(editor: Editor, page: Page) -> None:
    page.goto(f"{editor.url}/pipelines")
    expect(page.get_by_text("No pipelines yet")).to_be_visible()
    page.locator('[data-action="gallery"]').click()
    expect(page).to_have_url(f"{editor.url}/")


def test_names_are_text_and_a_search_finds_them(listed: Listed) -> None:
    expect(listed.row(listed.answers)).to_contain_text("Answers <b>of</b> the shop")
    expect(listed.row(listed.answers).locator("b")).to_have_count(0)
    listed.page.keyboard.press("/")
    listed.page.keyboard.type(f"{listed.blank} 空白")
    expect(listed.row(listed.answers)).to_have_count(0)
    expect(listed.row(listed.blank)).to_be_visible()
    listed.page.keyboard.type("x")
    expect(listed.page.get_by_text("No pipeline fits")).to_be_visible()
    listed.page.locator('[data-action="show-all"]').click()
    expect(listed.row(listed.answers)).to_be_visible()


def test_a_run_is_started_watched_and_seen_to_end(editor: Editor, listed: Listed) -> None:
    listed.row(listed.answers).locator('[data-action="run"]').click()
    expect(listed.page).to_have_url(re.compile(rf"/pipelines/{listed.answers}\?run=\d+$"))
    listed.page.goto(f"{editor.url}/pipelines")
    # The list follows by itself.
    expect(listed.row(listed.answers).locator('.chip[data-state="succeeded"]')).to_be_visible()
    expect(listed.row(listed.answers).locator('[data-action="open"]')).to_be_visible()
    expect(listed.row(listed.answers)).to_contain_text(re.compile(r"run \d+"))


def test_a_bad_file_is_explained_line_by_line_and_loses_nothing(listed: Listed, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD, encoding="utf-8")
    listed.page.locator('[data-action="import"]').click()
    dialog = listed.page.locator('[data-dialog="import"]')
    dialog.locator('input[type="file"]').set_input_files(tmp_path / "bad.yaml")
    expect(dialog.locator("[data-problem]")).to_have_count(3)
    expect(dialog.locator('[data-problem="bad-name"]')).to_contain_text("line 2")
    expect(dialog.locator('[data-problem="unknown-type"]')).to_contain_text("preprocess.load")
    expect(dialog.locator('[data-problem="unknown-key"]')).to_contain_text("line 6")
    expect(dialog.locator('[data-action="import-file"]')).to_be_disabled()
    # What was read can be mended right there.
    text = dialog.locator("textarea")
    expect(text).to_have_value(BAD)
    text.fill(BAD.replace("Wrong Name", "mended").replace("laod", "load").replace("titel", "title"))
    # The source of the node is missing, which keeps it from running, not from being imported.
    expect(dialog.locator("[data-problem]")).to_have_count(1)
    dialog.locator('[data-action="import-file"]').click()
    expect(listed.row("mended")).to_contain_text("Oops")
    expect(listed.row(listed.answers)).to_be_visible()


def test_a_file_of_a_name_that_is_there_becomes_a_version_or_a_copy(listed: Listed) -> None:
    dialog = listed.page.locator('[data-dialog="import"]')
    listed.page.locator('[data-action="import"]').click()
    dialog.locator("textarea").fill(listed.text.replace("limit: 20", "limit: 30"))
    expect(dialog).to_contain_text("this becomes its version 2")
    dialog.locator('[data-action="import-file"]').click()
    expect(listed.version(listed.answers)).to_have_text("2")

    listed.page.locator('[data-action="import"]').click()
    dialog.locator("textarea").fill(listed.text.replace("limit: 20", "limit: 40"))
    dialog.locator('[data-action="import-copy"]').click()
    expect(listed.row(f"{listed.answers}-2")).to_be_visible()
    expect(listed.version(listed.answers)).to_have_text("2")


def test_a_file_that_is_too_large_is_not_sent(listed: Listed, tmp_path: Path) -> None:
    (tmp_path / "large.yaml").write_text("#" * 1_000_001, encoding="utf-8")
    listed.page.locator('[data-action="import"]').click()
    dialog = listed.page.locator('[data-dialog="import"]')
    dialog.locator('input[type="file"]').set_input_files(tmp_path / "large.yaml")
    expect(dialog).to_contain_text("large.yaml is larger than 1 MB")
    expect(dialog.locator('[data-action="import-file"]')).to_be_disabled()


def test_what_is_exported_is_the_file(listed: Listed) -> None:
    with listed.page.expect_download() as download:
        listed.choose(listed.answers, "export")
    assert download.value.suggested_filename == f"{listed.answers}.yaml"
    assert download.value.path().read_text(encoding="utf-8") == listed.text


def test_a_copy_has_a_name_of_its_own(editor: Editor, listed: Listed) -> None:
    listed.choose(listed.answers, "copy")
    dialog = listed.page.locator('[data-dialog="copy"]')
    expect(dialog.locator('[data-param="name"] input')).to_have_value(f"{listed.answers}-2")
    dialog.locator('[data-action="create"]').click()
    expect(listed.page).to_have_url(f"{editor.url}/pipelines/{listed.answers}-2")
    listed.page.goto(f"{editor.url}/pipelines")
    expect(listed.row(f"{listed.answers}-2")).to_contain_text("(copy)")


def test_a_deleted_pipeline_comes_back_on_undo(listed: Listed) -> None:
    listed.choose(listed.answers, "delete")
    expect(listed.row(listed.answers)).to_have_count(0)
    listed.page.locator('.toast [data-action="undo"]').click()
    expect(listed.row(listed.answers)).to_be_visible()
    listed.choose(listed.answers, "delete")
    expect(listed.row(listed.answers)).to_have_count(0)
    listed.page.reload()
    expect(listed.row(listed.blank)).to_be_visible()
    expect(listed.row(listed.answers)).to_have_count(0)
    # The toast is gone; what was deleted is not.
    listed.page.locator('[data-action="deleted"]').click()
    listed.page.locator(f'[data-deleted="{listed.answers}"] [data-action="restore"]').click()
    expect(listed.row(listed.answers)).to_be_visible()


def test_an_earlier_version_is_looked_at_and_restored(editor: Editor, listed: Listed) -> None:
    with Workspace(editor.data_dir) as workspace:
        workspace.pipelines.save(listed.text.replace("limit: 20", "limit: 30"))
    expect(listed.version(listed.answers)).to_have_text("2")
    listed.choose(listed.answers, "versions")
    dialog = listed.page.locator('[data-dialog="versions"]')
    expect(dialog.locator(".diff .add")).to_contain_text("limit: 30")
    expect(dialog.locator(".diff .del")).to_contain_text("limit: 20")
    expect(dialog.locator('[data-action="restore"]')).to_have_count(0)
    dialog.locator('[data-version="1"]').click()
    dialog.locator('[data-action="restore"]').click()
    expect(listed.version(listed.answers)).to_have_text("3")
    with Workspace(editor.data_dir) as workspace:
        assert workspace.pipelines.get(listed.answers).text == listed.text


def test_two_pages_show_the_same_list(editor: Editor, listed: Listed) -> None:
    other = Listed(listed.page.context.new_page(), listed.answers, listed.blank)
    other.page.goto(f"{editor.url}/pipelines")
    expect(other.row(listed.blank)).to_be_visible()
    other.choose(listed.blank, "delete")
    expect(listed.row(listed.blank)).to_have_count(0)
