"""Starting a run with options: later, with a limit; and cancelling it before it begins."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from executor.services.workspace import Workspace
from tests.e2e.editors import Editor, open_editor
from tests.executor.support import TOYS, pipeline

ASKING = """
nodegraph: 1
name: asking
parameters:
  greeting: {default: Hello, title: Greeting}
  who: {title: Who}
  seconds: {kind: number, default: 0, min: 0, max: 2, title: Pause}
nodes:
  make: {type: custom.make, params: {text: "${parameters.greeting} ${parameters.who}"}}
"""


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    data_dir = tmp_path_factory.mktemp("options") / "data"
    with Workspace(data_dir, nodes_root=TOYS) as space:
        space.pipelines.save(pipeline("make: {type: custom.make}", name="nightly"))
        space.pipelines.save(ASKING)
    with open_editor(data_dir, nodes_root=TOYS) as opened:
        yield opened


def field(page: Page, name: str) -> Locator:
    return page.locator(f'[data-dialog="run-options"] [data-param="{name}"]')


def test_a_run_can_start_later_and_be_cancelled_before(page: Page, editor: Editor) -> None:
    page.goto(f"{editor.url}/pipelines/nightly")
    page.locator("[data-canvas][data-ready]").wait_for()
    page.locator('[data-action="run-menu"]').click()
    page.locator('[data-action="run-options"]').click()
    field(page, "at").locator("input").fill("yesterday")
    field(page, "priority").locator("input").fill("300")
    page.locator('[data-action="start-run"]').click()
    expect(field(page, "at").locator("[data-problem]")).to_be_visible()
    expect(field(page, "priority").locator("[data-problem]")).to_contain_text("from -100 to 100")
    when = time.localtime(time.time() + 7200)
    field(page, "at").locator("input").fill(time.strftime("%H:%M", when))
    field(page, "priority").locator("input").fill("5")
    field(page, "time_limit").locator("input").fill("6h")
    field(page, "time_limit").locator("input").press("Enter")
    panel = page.locator(".runpanel")
    expect(panel).to_contain_text(f"starts at {time.strftime('%H:%M', when)}")
    run = panel.get_attribute("data-run")
    other = page.context.new_page()
    other.goto(f"{editor.url}/runs/{run}")
    expect(other.locator("[data-waits]")).to_contain_text("starts at")
    expect(other.locator(".runfacts")).to_contain_text("6 h")
    other.goto(f"{editor.url}/hosts")
    expect(other.locator(f'[data-waiting="{run}/"]')).to_contain_text("starts at")
    other.close()
    page.locator('[data-action="cancel"]').click()
    page.locator('[data-action="confirm"]').click()
    expect(panel.locator(".phead .chip")).to_have_text("cancelled")


def test_a_run_that_starts_later_leaves_the_editor_free(page: Page, editor: Editor) -> None:
    with Workspace(editor.data_dir, nodes_root=TOYS) as space:
        run = space.runs.start("nightly", not_before=time.time() + 7200)
        page.goto(f"{editor.url}/pipelines/nightly")
        expect(page.locator('[data-action="run"]')).to_be_visible()
        space.runs.cancel(run)


def test_a_run_takes_values_of_its_own_for_the_parameters(page: Page, editor: Editor) -> None:
    """The dialog asks for them as they are declared; the file keeps what it says."""
    page.goto(f"{editor.url}/pipelines/asking")
    page.locator("[data-canvas][data-ready]").wait_for()
    page.locator('[data-action="run-menu"]').click()
    page.locator('[data-action="run-options"]').click()
    expect(field(page, "greeting").get_by_role("textbox", name="Greeting")).to_have_attribute(
        "placeholder", "Hello"
    )
    start = page.locator('[data-action="start-run"]')
    start.click()
    expect(field(page, "who").locator("[data-problem]")).to_contain_text("Who has no value.")
    field(page, "who").locator("input").fill("Ada")
    field(page, "seconds").locator("input[type=text]").fill("12")
    expect(field(page, "seconds").locator("[data-problem]")).to_contain_text("must be at most 2")
    field(page, "seconds").locator("[data-problem] button").click()
    start.click()
    panel = page.locator(".runpanel")
    expect(panel.locator(".phead .chip")).to_have_text("succeeded", timeout=60_000)
    with Workspace(editor.data_dir, nodes_root=TOYS) as space:
        assert space.runs.get(panel.get_attribute("data-run") or "").params == {"who": "Ada", "seconds": 2}
    page.locator('[data-action="edit"]').click()
    page.locator('[data-action="run-menu"]').click()
    page.locator('[data-action="run-options"]').click()
    expect(field(page, "who").locator("input")).to_have_value("Ada")
    page.locator('[data-action="cancel-options"]').click()
    expect(page.locator("[data-kept]")).to_have_text("Saved")
