"""A25-A28: what users, nodes, logs and files say is shown as text, on every page and in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from executor.services.workspace import Workspace
from tests.e2e.editors import Editor, open_editor
from tests.e2e.settling import settle

TOYS = Path(__file__).parent / "toys"
MARKUP = '<img src=x onerror="window.hacked=1"><b class="hacked">bold</b>'
# Everything that a text which became markup would leave behind.
FOUND = "() => window.hacked || document.querySelectorAll('img[src=x], b.hacked, a[href^=javascript]').length"


def hostile(name: str, fail: bool) -> str:
    quoted = json.dumps(MARKUP)
    return f"""nodegraph: 1
name: {name}
title: {quoted}
description: {quoted}
tags: [{quoted}]
parameters:
  word: {{default: {quoted}, title: {quoted}, help: {quoted}}}
nodes:
  first:
    type: custom.hostile
    title: {quoted}
    params: {{word: {quoted}}}
  second:
    type: custom.hostile
    title: "javascript:alert(1)"
    params: {{fail: {str(fail).lower()}, word: "${{parameters.word}}"}}
    inputs: {{after: first.text}}
layout:
  first: [40, 80]
  second: [360, 80]
  "$notes": [{{id: n1, x: 40, y: 300, width: 200, height: 120, text: {quoted}}}]
"""


@pytest.fixture(scope="module")
def toys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    data_dir = tmp_path_factory.mktemp("markup") / "data"
    with Workspace(data_dir, engine=True, nodes_root=TOYS) as space:
        for name, fail in (("good", False), ("bad", True)):
            space.pipelines.import_text(hostile(name, fail))
            run = space.runs.start(name)
            assert space.runs.wait(run, 60).final
        space.pipelines.import_text(hostile("never", False))
    with open_editor(data_dir, nodes_root=TOYS) as opened:
        yield opened


def check(page: Page) -> None:
    assert page.evaluate(FOUND) == 0


@pytest.fixture
def watched(page: Page) -> Page:
    """A page on which no dialog may come up."""
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog came up: {dialog.message}"))
    return page


PAGES = [
    "/", "/pipelines", "/pipelines/good", "/pipelines/bad", "/pipelines/never", "/runs", "/runs/1", "/runs/2",
    "/services", "/settings", f"/pipelines/{quote(MARKUP, safe='')}", f"/runs/{quote(MARKUP, safe='')}",
    f"/services/{quote(MARKUP, safe='')}", f"/runs?search={quote(MARKUP)}&pipeline={quote(MARKUP)}",
]  # fmt: skip


@pytest.fixture
def allowed_errors() -> list[str]:
    return [r"status of 404"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_A25_no_page_makes_markup_of_a_text(toys: Editor, watched: Page, language: str) -> None:
    watched.context.add_cookies([{"name": "nodegraph_language", "value": language, "url": toys.url}])
    for address in PAGES:
        watched.goto(f"{toys.url}{address}")
        expect(watched.locator(".topbar")).to_be_visible()
        if re.match(r"/pipelines/(good|bad|never)", address):
            expect(watched.locator("[data-canvas][data-ready]")).to_be_visible()
        settle(watched)
        check(watched)


def test_A25_a_node_and_its_run_show_their_words_as_words(toys: Editor, watched: Page) -> None:
    watched.goto(f"{toys.url}/pipelines/bad")
    canvas = watched.locator("[data-canvas][data-ready]")
    expect(canvas).to_be_visible()
    expect(watched.locator('[data-node="first"]')).to_contain_text("<img src=x")
    for node in ("first", "second"):
        watched.locator(f'[data-node="{node}"]').click()
        expect(watched.locator(".panel.right")).to_contain_text(
            node if node == "first" else "javascript:alert(1)"
        )
        check(watched)


def test_A28_labels_of_charts_are_inert(toys: Editor, watched: Page) -> None:
    watched.goto(f"{toys.url}/runs/1")
    expect(watched.locator(".js-plotly-plot, .plotly-chart").first).to_be_visible()
    settle(watched)
    check(watched)
    assert watched.locator("svg a").count() == 0


def test_A26_javascript_links_are_nowhere(toys: Editor, watched: Page) -> None:
    for address in PAGES:
        watched.goto(f"{toys.url}{address}")
        expect(watched.locator(".topbar")).to_be_visible()
        links = watched.eval_on_selector_all(
            "a[href]", "links => links.map(link => link.getAttribute('href'))"
        )
        assert [link for link in links if not re.match(r"^(/(?!/)|#|https?://127\.0\.0\.1)", link)] == []
