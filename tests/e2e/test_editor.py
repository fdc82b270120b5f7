"""The editor as a person works with it: drag, connect, fill in, undo, write YAML, save, come back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from executor.services.workspace import Workspace
from nodegraph.format import load
from nodegraph.pipeline import Pipeline
from tests.e2e.editors import Editor

TEXT = """\
nodegraph: 1
name: NAME
title: Support tickets
nodes:
  raw:
    type: preprocess.load
    params: {source: "example:shop_answers.jsonl"}  # our own
  clean:
    type: preprocess.clean
    inputs: {dataset: raw.dataset}
  train:
    type: train.sft
    params: {method: lora, base_model: Qwen/Qwen2.5-0.5B}
    inputs: {dataset: clean.dataset}
  score:
    type: evaluate.text
    inputs: {model: train.model, dataset: raw.dataset}
layout:
  raw: [40, 40]
  clean: [280, 40]
  train: [520, 40]
  score: [520, 300]
"""


@dataclass
class Sheet:
    """A pipeline in the editor."""

    page: Page
    editor: Editor
    name: str

    def open(self) -> None:
        self.page.goto(f"{self.editor.url}/pipelines/{self.name}")
        expect(self.page.locator("[data-canvas][data-ready]")).to_be_visible()

    def node(self, name: str) -> Locator:
        return self.page.locator(f'[data-canvas] [data-node="{name}"]')

    def port(self, name: str, side: str) -> Locator:
        return self.page.locator(f'[data-port="{name}"][data-side="{side}"]')

    def edges(self) -> Locator:
        return self.page.locator("[data-canvas] [data-edge]")

    def act(self, name: str) -> None:
        self.page.locator(f'.topbar [data-action="{name}"]').first.click()

    def more(self, name: str) -> None:
        self.act("more")
        self.page.locator(f'.q-menu [data-action="{name}"]').click()

    def field(self, name: str) -> Locator:
        return self.page.locator(f'[data-inspector] [data-param="{name}"]')

    def drop(self, type_id: str, x: int, y: int) -> None:
        """Drag a node type from the palette."""
        item = self.page.locator(f'[data-palette] [data-type="{type_id}"]')
        item.drag_to(self.page.locator("[data-canvas]"), target_position={"x": x, "y": y})

    def wire(self, source: str, target: str) -> None:
        """Drag from an output to an input."""
        start, end = (self.port(source, "out"), self.port(target, "in"))
        a, b = (spot.locator(".pt").bounding_box() for spot in (start, end))
        assert a and b
        mouse = self.page.mouse
        mouse.move(a["x"] + a["width"] / 2, a["y"] + a["height"] / 2)
        mouse.down()
        mouse.move(b["x"] - 40, b["y"] + 20, steps=4)
        mouse.move(b["x"] + b["width"] / 2, b["y"] + b["height"] / 2, steps=4)
        mouse.up()

    def saved(self) -> Pipeline:
        """Save a version, and what it says."""
        self.act("save")
        expect(self.page.locator("[data-toast]").last).to_contain_text("Saved as version")
        with Workspace(self.editor.data_dir) as workspace:
            pipeline = load(workspace.pipelines.get(self.name).text).pipeline
        assert pipeline
        return pipeline

    def keeps(self) -> None:
        """Wait until the draft is kept."""
        expect(self.page.locator("[data-kept]")).to_contain_text("Draft, kept")


@pytest.fixture
def make(editor: Editor, request: pytest.FixtureRequest) -> Callable[..., str]:
    """Puts a pipeline of the test's own into the data directory."""

    def put(text: str = TEXT) -> str:
        name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[-50:].strip("-")
        with Workspace(editor.data_dir) as workspace:
            workspace.pipelines.save(text.replace("NAME", name))
        return name

    return put


@pytest.fixture
def sheet(editor: Editor, page: Page, make: Callable[..., str]) -> Iterator[Sheet]:
    opened = Sheet(page, editor, make())
    opened.open()
    yield opened


def test_a_pipeline_is_dragged_together(editor: Editor, page: Page, make: Callable[..., str]) -> None:
    sheet = Sheet(page, editor, make("name: NAME\n"))
    sheet.open()
    expect(page.locator(".start")).to_contain_text("An empty pipeline")
    sheet.drop("preprocess.load", 200, 200)
    expect(sheet.node("load")).to_be_visible()
    sheet.drop("preprocess.clean", 560, 240)
    expect(sheet.node("clean")).to_be_visible()
    expect(page.locator(".start")).to_be_empty()
    sheet.wire("load.dataset", "clean.dataset")
    expect(sheet.edges()).to_have_count(1)
    sheet.node("load").click()
    source = sheet.field("source")
    source.locator("input").fill("example:shop_answers.jsonl")
    expect(sheet.node("load")).to_contain_text("shop_answers.jsonl")
    pipeline = sheet.saved()
    assert pipeline.nodes["clean"].inputs == {"dataset": "load.dataset"}
    assert pipeline.nodes["load"].params == {"source": "example:shop_answers.jsonl"}


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
    dialog.locator("input").fill("geheim")
    dialog.locator('[data-action="confirm-secret"]').click()
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


def test_the_keys_are_told(sheet: Sheet) -> None:
    sheet.page.locator("[data-canvas]").focus()
    sheet.page.keyboard.press("?")
    expect(sheet.page.locator('[data-dialog="keys"]')).to_contain_text("Duplicate")


def test_an_unknown_name_offers_names_like_it(editor: Editor, page: Page, make: Callable[..., str]) -> None:
    name = make()
    page.goto(f"{editor.url}/pipelines/{name}s")
    expect(page.get_by_text(f"There is no pipeline {name}s")).to_be_visible()
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.locator("[data-canvas][data-ready]")).to_be_visible()
