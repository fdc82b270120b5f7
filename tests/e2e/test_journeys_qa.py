"""A person who does nothing in order: comes back in the middle, switches the language, kills the server."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from executor.services.workspace import Workspace
from tests.e2e.editors import Editor, open_editor
from tests.executor.support import TOYS, pipeline

SLOW = """
learn: {type: custom.learn, params: {steps: 4000, seconds: 0.1}}
quick: {type: custom.make, params: {text: quick}}
"""


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Editor]:
    """An editor with a pipeline that learns for a while."""
    data_dir = tmp_path / "data"
    with Workspace(data_dir, nodes_root=TOYS) as space:
        space.pipelines.save(pipeline(SLOW, name="slow"))
    with open_editor(data_dir, nodes_root=TOYS) as editor:
        yield editor


@pytest.fixture
def allowed_errors() -> list[str]:
    """What a browser says while its server is away."""
    return ["ERR_CONNECTION_REFUSED", "WebSocket connection"]


def test_a_run_outlives_its_server_and_the_page_comes_back_by_itself(slow: Editor, page: Page) -> None:
    page.goto(f"{slow.url}/pipelines/slow")
    page.locator('.topbar [data-action="run"]').dblclick()
    learn, quick = (page.locator(f'[data-canvas] [data-node="{name}"]') for name in ("learn", "quick"))
    expect(learn).to_have_attribute("data-state", "running")
    expect(quick).to_have_attribute("data-state", "succeeded")
    expect(page).to_have_url(f"{slow.url}/pipelines/slow?run=1")

    slow.stop(signal.SIGKILL)
    expect(page.locator("#popup")).to_have_attribute("aria-hidden", "false")
    slow.start()
    expect(page.locator("#popup")).to_have_attribute("aria-hidden", "true", timeout=120_000)
    expect(learn).to_have_attribute("data-state", "running")

    page.locator('[data-action="language"]').click()
    expect(quick.locator("footer")).to_contain_text("成功")
    expect(learn).to_have_attribute("data-state", "running")
    page.locator('.topbar [data-action="cancel"]').click()
    page.locator(".q-dialog [data-action]").last.click()
    expect(learn).to_have_attribute("data-state", "cancelled")
    page.goto(f"{slow.url}/runs")
    expect(page.locator("[data-run]")).to_have_count(1)


def test_a_run_of_one_tab_is_followed_in_the_other_as_it_was_submitted(
    slow: Editor, new_page: Callable[..., Page]
) -> None:
    mine, other = new_page(), new_page()
    for tab in (mine, other):
        tab.goto(f"{slow.url}/pipelines/slow")
        expect(tab.locator("[data-canvas][data-ready]")).to_be_visible()
    learn, quick = ('[data-canvas] [data-node="learn"]', '[data-canvas] [data-node="quick"]')
    mine.locator('.topbar [data-action="run"]').click()
    expect(other.locator(learn)).to_have_attribute("data-state", "running")
    expect(other.locator(quick)).to_have_attribute("data-state", "succeeded")

    # What is edited meanwhile does not change what runs.
    other.locator('.topbar [data-action="edit"]').click()
    expect(other.locator('.topbar [data-action="save"]')).to_be_visible()
    other.locator(quick).click()
    other.keyboard.press("Delete")
    expect(other.locator(quick)).to_have_count(0)
    expect(mine.locator(quick)).to_have_attribute("data-state", "succeeded")

    mine.locator('.topbar [data-action="cancel"]').click()
    mine.locator('.q-dialog [data-action="confirm"]').click()
    expect(mine.locator(learn)).to_have_attribute("data-state", "cancelled")
    mine.locator(f'{learn} [data-action="retry"]').click()
    expect(mine.locator(learn)).to_have_attribute("data-state", "running")
    # Whoever has gone back to editing is told, and not taken away from it.
    expect(other.locator("[data-toast]")).to_contain_text("Run 2 has begun")
    expect(other.locator(learn)).not_to_have_attribute("data-state", "running")
    other.locator('[data-toast] [data-action="watch"]').click()
    expect(other.locator(learn)).to_have_attribute("data-state", "running")


def test_enter_after_a_few_letters_adds_the_first_node_type_found(slow: Editor, page: Page) -> None:
    page.goto(f"{slow.url}/pipelines/slow")
    expect(page.locator("[data-canvas][data-ready]")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("gauge")
    page.keyboard.press("Enter")
    expect(page.locator('[data-canvas] [data-node="gauge"]')).to_be_visible()
    expect(page.locator("[data-search]")).to_be_focused()


def test_a_text_that_was_begun_is_there_again_until_it_is_discarded(slow: Editor, page: Page) -> None:
    page.goto(f"{slow.url}/pipelines/slow")
    page.locator('[data-action="yaml"]').click()
    text = page.locator("[data-yaml] .cm-content")
    text.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("rubbish: [")
    expect(page.locator("[data-kept]")).to_contain_text("Draft, kept")
    page.reload()
    page.locator('[data-action="yaml"]').click()
    expect(text).to_contain_text("rubbish: [")
    page.locator('[data-action="discard-yaml"]').click()
    expect(text).not_to_contain_text("rubbish")
    expect(page.locator('[data-action="discard-yaml"]')).to_be_hidden()
    expect(page.locator("[data-kept]")).to_have_text("Saved")
