"""The main job as a newcomer does it: open the example, press Run, watch, chat with the model."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.editors import Editor, open_editor

NODES = ["messages", "clean", "split", "init", "pretrain", "before", "sft", "after", "serve"]
# Training takes about a minute on two free cores.
LONG = 300_000


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory):
    """`nodegraph demo` on a fresh data directory."""
    with open_editor(tmp_path_factory.mktemp("demo") / "data", command="demo") as opened:
        yield opened


def state(page: Page, node: str, wanted: str | re.Pattern[str], timeout: float = LONG) -> None:
    expect(page.locator(f'[data-node="{node}"]')).to_have_attribute("data-state", wanted, timeout=timeout)


def test_from_the_example_to_a_chat_with_its_model(demo: Editor, page: Page, tmp_path: Path) -> None:
    page.goto(f"{demo.url}/pipelines/demo")
    canvas = page.locator("[data-canvas][data-ready]")
    expect(canvas).to_have_attribute("data-nodes", str(len(NODES)))
    for node in NODES:
        state(page, node, "draft")

    page.locator('[data-action="run"]').first.click()
    state(page, "messages", re.compile("running|succeeded"))
    expect(page.locator('[data-action="cancel"]').first).to_be_visible()

    # Whoever leaves in the middle and comes back finds the run as it is.
    state(page, "init", re.compile("running|succeeded"))
    page.reload()
    state(page, "messages", "succeeded")
    state(page, "pretrain", "running")
    expect(page.locator('[data-node="pretrain"]')).to_contain_text(re.compile(r"loss\s*\d"), timeout=LONG)

    for node in NODES:
        state(page, node, "succeeded")
    expect(page.locator('[data-action="cancel"]')).to_have_count(0)

    page.goto(f"{demo.url}/services/demo-router")
    page.locator("textarea").first.fill("My parcel has not arrived. Where is it?")
    page.locator('[data-action="send"]').click()
    answer = page.locator('[data-message="assistant"]').last
    expect(answer).to_contain_text(re.compile(r"\w{3,}"), timeout=60_000)


def test_the_second_run_is_cached_and_says_from_where(demo: Editor, page: Page) -> None:
    page.goto(f"{demo.url}/pipelines/demo")
    expect(page.locator("[data-canvas][data-ready]")).to_be_visible()
    page.locator('[data-action="run"]').first.click()
    for node in NODES[:-1]:
        state(page, node, "cached", 60_000)
    expect(page.locator('[data-node="sft"]')).to_contain_text("run 1")
