"""In Chinese, no page says anything in English but identifiers; switching loses nothing that was typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from executor.services.workspace import Workspace
from tests.e2e.editors import Editor, open_editor
from tests.e2e.settling import settle
from ui.i18n.catalogue import entries, find

GOOD = """\
nodegraph: 1
name: good
title: 整理数据
parameters:
  rows: {{kind: integer, default: 20, title: 行数, min: 1}}
nodes:
  load: {{type: preprocess.load, params: {{source: "{source}", limit: "${{parameters.rows}}"}}}}
  clean: {{type: preprocess.clean, params: {{dedup: exact}}, inputs: {{dataset: load.dataset}}}}
  split: {{type: preprocess.split, inputs: {{dataset: clean.dataset}}}}
"""
BAD = """\
nodegraph: 1
name: bad
title: 失败
nodes:
  load: {{type: preprocess.load, params: {{source: "{source}"}}}}
  clean: {{type: preprocess.clean, params: {{min_chars: 90000}}, inputs: {{dataset: load.dataset}}}}
  split: {{type: preprocess.split, inputs: {{dataset: clean.dataset}}}}
"""
WRONG = """\
nodegraph: 1
name: wrong
title: 有问题
nodes:
  load: {type: preprocess.load, params: {source: /no/such/file, limit: 0, sead: 3}}
  train: {type: train.sft, params: {epochs: many, learning_rate: 7, method: lora}}
  merge: {type: merge.models, inputs: {models: load.dataset}}
  judge: {type: judge.rubric, params: {base_url: "http://localhost:1/v1", model: m, api_key: NOT_SET}}
  loop: {type: preprocess.clean, inputs: {dataset: loop.dataset}, when: "judge.metrics >= 3"}
"""

# Every text that can be seen, with what is said to those who cannot see; not what is shown as code or data,
# such as the title of a narrow field that repeats the field's value.
_TEXTS = """() => {
  const data = "script, style, .mono, code, pre, kbd, svg, .cm-editor, textarea";
  const seen = (element) => element.checkVisibility({visibilityProperty: true, opacityProperty: false});
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent.trim();
    if (text && !node.parentElement.closest(data) && seen(node.parentElement)) found.push(text);
  }
  for (const element of document.querySelectorAll("[title], [aria-label], [placeholder]")) {
    if (element.closest(data) || !seen(element)) continue;
    for (const name of ["title", "aria-label", "placeholder"]) {
      const text = element.getAttribute(name)?.trim();
      if (text && text !== String(element.value).trim()) found.push(text);
    }
  }
  return [...new Set(found)];
}"""
# Three English words in a row are a sentence, whatever the catalogue says; a command in quotes is none.
_ENGLISH = re.compile(r"(?:\b[a-z]{2,}\b[ ,]+){2}[a-z]{2,}\b", re.IGNORECASE)
_COMMAND = re.compile(
    r"`[^`]*`|pip install \S+|apt-get install \S+|/\S+|NodeGraph\b.*|Vue Flow \w+|nodegraph images build \w+"
)


@dataclass
class Past:
    """An editor with a run that went well, one that failed, and a pipeline with problems."""

    editor: Editor
    good: int
    bad: int


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    folder = tmp_path_factory.mktemp("language")
    source = folder / "rows.jsonl"
    source.write_text("".join(f'{{"prompt": "问题 {n}", "completion": "回答 {n}"}}\n' for n in range(30)))
    with Workspace(folder / "data", engine=True) as space:
        for text in (GOOD.format(source=source), BAD.format(source=source), WRONG):
            space.pipelines.save(text)
        good, bad = (space.runs.wait(space.runs.start(name), 120) for name in ("good", "bad"))
        assert (good.state, bad.state) == ("succeeded", "failed")
    with open_editor(folder / "data") as editor:
        yield Past(editor, good.id, bad.id)


def english(page: Page) -> list[str]:
    """What a page says in English although it should not."""
    return [text for text in page.evaluate(_TEXTS) if _is_english(text)]


def still_english(page: Page) -> list[str]:
    """What is left in English once a page changes no more; a slow machine shows it part by part."""
    settle(page)
    said, before = page.evaluate(_TEXTS), None
    for _ in range(100):
        if said == before and not any(map(_is_english, said)):
            return []
        page.wait_for_timeout(200)
        said, before = page.evaluate(_TEXTS), said
    return english(page)


def _is_english(text: str) -> bool:
    text = _COMMAND.sub("", text)
    if _ENGLISH.search(text):
        return True
    # One or two words may be a name and a value, such as “epochs 3”: only what is known as it stands counts.
    known = entries("zh").get(text) or (find("zh", text) if text.count(" ") > 1 else None)
    return known is not None and known != text and (" " in text or text[:1].isupper())


def switched(page: Page) -> Page:
    """The page, switched from English to Chinese."""
    page.locator("[data-action=language]").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    expect(page.locator(".rail")).to_contain_text("流水线")
    return page


PAGES: dict[str, Callable[[Past], str]] = {
    "gallery": lambda past: "/",
    "pipelines": lambda past: "/pipelines",
    "pipeline": lambda past: "/pipelines/good",
    "pipeline-with-problems": lambda past: "/pipelines/wrong",
    "no-pipeline": lambda past: "/pipelines/not-there",
    "runs": lambda past: "/runs",
    "run": lambda past: f"/runs/{past.good}",
    "failed-run": lambda past: f"/runs/{past.bad}",
    "no-run": lambda past: "/runs/999",
    "services": lambda past: "/services",
    "settings": lambda past: "/settings",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_leaves_nothing_in_english(past: Past, page: Page, name: str) -> None:
    page.goto(past.editor.url + PAGES[name](past))
    settle(page)
    switched(page)
    assert still_english(page) == []


# What opens on a page: where it is, and what to press for it.
OPENED = {
    "use-a-template": ("/", '[data-template="sft-lora"]'),
    "new-pipeline": ("/pipelines", "[data-action=new]"),
    "import": ("/pipelines", "[data-action=import]"),
    "menu-of-a-pipeline": ("/pipelines", "[data-pipeline=good] [data-action=more]"),
    "problems": ("/pipelines/wrong", "[data-action=problems]"),
    "more": ("/pipelines/good", ".topbar [data-action=more]"),
    "run": ("/pipelines/good", ".topbar [data-action=run-menu]"),
    "add-secret": ("/settings", "[data-action=add-secret]"),
}


@pytest.mark.parametrize("name", OPENED)
def test_what_opens_leaves_nothing_in_english(past: Past, chinese: Page, name: str) -> None:
    address, pressed = OPENED[name]
    chinese.goto(past.editor.url + address)
    settle(chinese)
    chinese.locator(pressed).first.click()
    assert still_english(chinese) == []


@pytest.mark.parametrize("node", ["load", "train", "merge", "judge", "loop"])
def test_a_form_leaves_nothing_in_english(past: Past, chinese: Page, node: str) -> None:
    chinese.goto(f"{past.editor.url}/pipelines/wrong")
    chinese.locator(f'[data-canvas] [data-node="{node}"] header').click()
    expect(chinese.locator("[data-inspector]")).to_contain_text("节点")
    folded = chinese.locator("[data-inspector] .sect-head[aria-expanded=false]:visible")
    while folded.count():
        folded.first.click()
    assert still_english(chinese) == []


@pytest.fixture
def chinese(new_page: Callable[..., Page]) -> Page:
    """A page of a reader whose browser asks for Chinese."""
    return new_page(locale="zh-CN")


def test_the_check_sees_english(past: Past, page: Page) -> None:
    page.goto(f"{past.editor.url}/pipelines")
    assert "New pipeline" in english(page)


@pytest.mark.parametrize(
    ("address", "query", "gone"),
    [
        ("/", "LoRA", '[data-template="demo"]'),
        ("/pipelines", "good", '[data-pipeline="bad"]'),
        ("/runs", "good", "[data-run] >> text=失败"),
    ],
)
def test_what_was_typed_into_a_search_stays(
    past: Past, page: Page, address: str, query: str, gone: str
) -> None:
    page.goto(past.editor.url + address)
    expect(page.locator(gone).first).to_be_visible()
    page.locator("input[data-search]").first.fill(query)
    expect(page.locator(gone).first).to_be_hidden()
    switched(page)
    expect(page.locator("input[data-search]").first).to_have_value(query)
    expect(page.locator(gone).first).to_be_hidden()


def test_what_was_changed_in_a_pipeline_stays(past: Past, page: Page) -> None:
    page.goto(f"{past.editor.url}/pipelines/good")
    page.locator('[data-canvas] [data-node="clean"] header').click()
    field = page.locator('[data-inspector] [data-param="min_chars"] input').last
    field.fill("17")
    field.press("Enter")
    page.locator("[data-palette] input[data-search]").fill("clean")
    zoom = page.locator('[data-canvas] [data-action="zoom-reset"]')
    page.locator('[data-canvas] [data-action="zoom-in"]').click()
    zoom.click()
    expect(zoom).to_have_text("100%")
    page.locator('[data-canvas] [data-action="zoom-out"]').click()
    expect(zoom).to_have_text("80%")
    # Where one looks is told once it has rested; a timer of the page itself comes after that one.
    page.evaluate("new Promise((done) => setTimeout(done, 400))")
    switched(page)
    expect(zoom).to_have_text("80%")
    expect(page.locator("[data-palette] input[data-search]")).to_have_value("clean")
    page.locator('[data-canvas] [data-node="clean"] header').click()
    expect(page.locator('[data-inspector] [data-param="min_chars"] input').last).to_have_value("17")
    expect(page.locator("[data-inspector]")).to_contain_text("最短行")


def test_a_reader_of_chinese_is_spoken_to_in_chinese(past: Past, chinese: Page) -> None:
    chinese.goto(f"{past.editor.url}/runs/{past.bad}")
    expect(chinese.locator("html")).to_have_attribute("lang", "zh")
    expect(chinese.locator("body")).to_contain_text("一行也没剩")
