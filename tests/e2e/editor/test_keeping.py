"""Nothing written is lost: drafts, versions, other tabs, YAML, files."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from executor.services.workspace import Workspace
from tests.e2e.editor.sheet import TEXT, Sheet
from tests.e2e.editors import Editor


def test_yaml_is_applied_or_says_what_is_wrong_and_loses_nothing(sheet: Sheet) -> None:
    page = sheet.page
    sheet.act("yaml")
    text = page.locator("[data-yaml] .cm-content")
    expect(text).to_contain_text("# our own")

    def write(found: str, instead: str) -> None:
        now = page.evaluate(
            "document.querySelector('[data-yaml] .cm-content').cmView.view.state.doc.toString()"
        )
        text.click()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(now.replace(found, instead))

    write("type: preprocess.clean", "typ: preprocess.clean")
    page.locator('[data-action="apply-yaml"]').click()
    wrong = page.locator("[data-yaml] [role=alert]").filter(has_text="typ is no key of a node")
    expect(wrong).to_contain_text("Line 9")
    expect(sheet.node("clean")).to_be_visible()
    page.locator('[data-action="language"]').click()
    expect(page.locator("[data-yaml] [role=alert]").last).to_contain_text("第 9 行")
    page.locator('[data-action="language"]').click()
    expect(wrong).to_be_visible()

    # It looks like the rest of the page, and a version is not said to have it.
    page.locator('[data-action="theme"]').click()
    expect(page.locator("[data-yaml] .cm-editor")).to_have_css("background-color", "rgb(30, 30, 30)")
    sheet.act("save")
    expect(page.locator("[data-toast]").last).to_contain_text("not applied yet")

    # What was written is there again, also after a reload.
    sheet.keeps()
    page.reload()
    expect(page.locator("[data-canvas][data-ready]")).to_be_visible()
    sheet.act("yaml")
    expect(text).to_contain_text("typ: preprocess.clean")

    write("typ: preprocess.clean", "title: 清洗 <b>bold</b>\n    type: preprocess.clean")
    page.locator('[data-action="apply-yaml"]').click()
    expect(sheet.node("clean")).to_contain_text("清洗 <b>bold</b>")
    sheet.act("undo")
    expect(sheet.node("clean")).not_to_contain_text("清洗")


def test_two_tabs_see_each_others_changes(
    sheet: Sheet, new_page: Callable[..., Page], editor: Editor
) -> None:
    other = Sheet(new_page(), editor, sheet.name)
    other.open()
    sheet.drop("augment.noise", 300, 500)
    expect(other.node("noise")).to_be_visible()
    other.node("noise").click()
    other.page.keyboard.press("Delete")
    expect(sheet.node("noise")).to_have_count(0)
    sheet.act("undo")
    expect(other.node("noise")).to_be_visible()


def test_a_reload_or_a_killed_server_loses_nothing(sheet: Sheet) -> None:
    sheet.drop("augment.noise", 300, 500)
    expect(sheet.node("noise")).to_be_visible()
    sheet.page.reload()
    expect(sheet.node("noise")).to_be_visible()
    sheet.keeps()


def test_what_is_typed_while_the_server_is_dead_is_there_with_the_next_one(
    sheet: Sheet, new_page: Callable[..., Page], allowed_errors: list[str]
) -> None:
    allowed_errors += ["ERR_CONNECTION_REFUSED", "WebSocket connection"]
    sheet.node("train").click()
    line = sheet.field("base_model").locator("input")
    expect(line).to_have_value("Qwen/Qwen2.5-0.5B")
    other = Sheet(new_page(), sheet.editor, sheet.name)
    other.open()
    other.act("yaml")
    text = other.page.locator("[data-yaml] .cm-content")
    expect(text.locator("span").first).to_be_visible()  # coloured: nothing is on its way any more
    pages = (sheet.page, other.page)
    for page in pages:
        page.evaluate("window.former = true")
    sheet.editor.stop(signal.SIGKILL)
    for page in pages:
        expect(page.locator("#popup")).to_have_attribute("aria-hidden", "false")
    line.fill("mine/model")
    line.blur()
    text.click()
    other.page.keyboard.press("Control+End")
    other.page.keyboard.insert_text("# and a word more")
    sheet.editor.start()
    for page in pages:
        page.wait_for_function("!window.former && window.did_handshake", timeout=90_000)
    expect(text).to_contain_text("# and a word more")
    sheet.node("train").click()
    expect(line).to_have_value("mine/model")
    sheet.keeps()
    sheet.page.reload()
    sheet.node("train").click()
    expect(line).to_have_value("mine/model")


def test_what_is_done_without_a_network_arrives_with_it(
    sheet: Sheet, new_page: Callable[..., Page], editor: Editor, allowed_errors: list[str]
) -> None:
    """What others did meanwhile is shown too."""
    allowed_errors += ["ERR_INTERNET_DISCONNECTED", "WebSocket connection"]
    other = Sheet(new_page(), editor, sheet.name)
    other.open()
    popup = sheet.page.locator("#popup")
    sheet.page.context.set_offline(True)
    expect(popup).to_have_attribute("aria-hidden", "false")
    sheet.node("score").click()
    sheet.page.keyboard.press("Delete")
    other.drop("augment.noise", 300, 500)
    expect(other.node("noise")).to_be_visible()
    sheet.page.context.set_offline(False)
    expect(popup).to_have_attribute("aria-hidden", "true")
    expect(sheet.node("score")).to_have_count(0)
    expect(sheet.node("noise")).to_be_visible()
    sheet.act("undo")
    expect(sheet.node("score")).to_be_visible()


def test_saving_makes_versions_and_one_comes_back(sheet: Sheet) -> None:
    page = sheet.page
    expect(page.locator("[data-version]").first).to_have_text("v1")
    page.locator("[data-title]").fill("Other title")
    page.keyboard.press("Enter")
    assert sheet.saved().title == "Other title"
    expect(page.locator(".topbar [data-version]")).to_have_text("v2")
    expect(page.locator("[data-kept]")).to_have_text("Saved")
    sheet.act("versions")
    page.locator('[data-dialog="versions"] [data-version="1"]').click()
    page.locator('[data-dialog="versions"] [data-action="restore"]').click()
    expect(page.locator(".topbar [data-version]")).to_have_text("v3")
    expect(page.locator("[data-title]")).to_have_value("Support tickets")
    sheet.act("undo")
    expect(page.locator("[data-title]")).to_have_value("Other title")


def test_nobody_saves_over_another_version_by_accident(sheet: Sheet) -> None:
    page = sheet.page
    sheet.drop("augment.noise", 300, 500)
    expect(sheet.node("noise")).to_be_visible()
    with Workspace(sheet.editor.data_dir) as workspace:
        workspace.pipelines.save(TEXT.replace("NAME", sheet.name).replace("Support tickets", "Theirs"))
    sheet.act("save")
    dialog = page.locator('[data-dialog="conflict"]')
    expect(dialog).to_contain_text("Version 2 was saved meanwhile.")
    dialog.locator('[data-action="take-theirs"]').click()
    expect(page.locator("[data-title]")).to_have_value("Theirs")
    expect(sheet.node("noise")).to_have_count(0)
    sheet.act("undo")
    expect(sheet.node("noise")).to_be_visible()
    assert "noise" in sheet.saved().nodes


def test_a_file_is_exported_and_another_taken_in_its_place(sheet: Sheet, tmp_path: Path) -> None:
    page = sheet.page
    with page.expect_download() as download:
        sheet.more("export")
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert download.value.suggested_filename == f"{sheet.name}.yaml"
    assert "# our own" in text
    file = tmp_path / "other.yaml"
    file.write_text("name: something-else\nnodes: {only: {type: preprocess.load}}\n", encoding="utf-8")
    sheet.more("import")
    page.locator('[data-dialog="replace"] input[type=file]').set_input_files(file)
    expect(sheet.node("only")).to_be_visible()
    expect(sheet.node("train")).to_have_count(0)
    sheet.act("undo")
    expect(sheet.node("train")).to_be_visible()


def test_an_unknown_name_offers_names_like_it(editor: Editor, page: Page, make: Callable[..., str]) -> None:
    name = make()
    page.goto(f"{editor.url}/pipelines/{name}s")
    expect(page.get_by_text(f"There is no pipeline {name}s")).to_be_visible()
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.locator("[data-canvas][data-ready]")).to_be_visible()
