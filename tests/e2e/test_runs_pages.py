"""The pages on runs, as a person uses them: look, filter, follow, cancel, run again, download."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from executor.services.workspace import Workspace
from tests.e2e.editors import Editor, open_editor
from tests.executor.support import TOYS, pipeline

LEARN = """
first: {type: custom.make, title: "<b>Tickets</b>", params: {text: first}}
learn: {type: custom.learn, title: Fine-tuning, params: {steps: %d, seconds: %s}, inputs: {after: first.text}}
last: {type: custom.make, params: {text: last, seconds: %s}, inputs: {after: first.text}}
"""
WRONG = """
bad: {type: custom.misbehave, title: Test metrics, params: {how: bug}, retry: {attempts: 2}}
after: {type: custom.make, inputs: {after: bad.text}}
"""


# Moves the present past the end of a row's bar, and says where its text lies across the line of the present.
ACROSS = """async (node) => {
  const gantt = getElement(document.querySelector(".gantt"));
  const row = gantt.rows.find((one) => one.node === node);
  const found = [];
  for (let percent = 0; percent < 30; percent += 1) {
    gantt.moment = row.end + percent / 100 * (gantt.last - gantt.start);
    await gantt.$nextTick();
    const text = document.querySelector(`[data-row="${node}"] em`).getBoundingClientRect();
    const line = document.querySelector(".nowline").getBoundingClientRect();
    if (text.left < line.left && line.left < text.right) found.push(percent);
  }
  return found;
}"""


@dataclass
class Past:
    """What was run before the server was started."""

    editor: Editor
    good: int
    failed: int
    again: int

    @property
    def url(self) -> str:
        return self.editor.url


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    data_dir = tmp_path_factory.mktemp("runs") / "data"
    with Workspace(data_dir, engine=True, nodes_root=TOYS, cores=4) as space:
        space.pipelines.save(pipeline(LEARN % (12, 0.01, 0), name="learn", title="客服模型微调"))
        space.pipelines.save(pipeline(WRONG, name="wrong", title="Wrong " * 40))
        space.pipelines.save(pipeline(LEARN % (12, 0.01, 600), name="slow"))
        good = space.runs.wait(space.runs.start("learn"), 60)
        failed = space.runs.wait(space.runs.start("wrong", trigger="api"), 60)
        again = space.runs.wait(space.runs.start("learn", trigger="schedule"), 60)
        assert (good.state, failed.state, again.state) == ("succeeded", "failed", "succeeded")
    with open_editor(data_dir, nodes_root=TOYS) as editor:
        yield Past(editor, good.id, failed.id, again.id)


def test_the_table_its_filters_and_the_way_to_a_run(past: Past, page: Page) -> None:
    page.goto(f"{past.url}/runs")
    rows = page.locator("[data-run]")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("客服模型微调")
    expect(rows.first).to_contain_text("3 cached")
    expect(page.locator(".kpi").first).to_contain_text("3")
    expect(page.locator("[data-chart=ends] .main-svg").first).to_be_visible()
    page.click("[data-filter=state]")
    page.click("[data-action=state-failed]")
    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile("state=failed"))
    page.reload()
    expect(rows).to_have_count(1)
    page.click("[data-action=clear-filters]")
    expect(rows).to_have_count(3)
    page.locator("[data-search]").fill("learn")
    expect(rows).to_have_count(2)
    page.locator("[data-search]").fill("nothing of the kind")
    expect(page.get_by_text("No run fits")).to_be_visible()
    page.locator("[data-search]").fill(str(past.failed))
    expect(rows).to_have_count(1)
    rows.first.locator("td").last.click()
    expect(page).to_have_url(f"{past.url}/runs/{past.failed}")


def test_a_run_appears_in_the_table_and_ends_there(past: Past, page: Page, new_page) -> None:  # type: ignore[no-untyped-def]
    page.goto(f"{past.url}/runs?pipeline=learn")
    rows = page.locator("[data-run]")
    expect(rows).to_have_count(2)
    other = new_page()
    other.goto(f"{past.url}/runs/{past.good}")
    other.click("[data-action=rerun]")
    expect(other).not_to_have_url(f"{past.url}/runs/{past.good}")
    expect(rows).to_have_count(3)
    expect(rows.first).to_have_attribute("data-state", "succeeded")
    expect(rows.first).to_contain_text("rerun")


def test_a_finished_run_from_time_line_to_artifacts(past: Past, page: Page, tmp_path: Path) -> None:
    page.goto(f"{past.url}/runs/{past.good}")
    lines = page.locator("[data-row]")
    expect(lines).to_have_count(3)
    expect(lines.first).to_contain_text("<b>Tickets</b>")
    expect(page.locator('[data-chart="learn.loss"] .main-svg').first).to_be_visible()
    lines.nth(1).click()
    card = page.locator("[data-node-card=learn]")
    card.locator("[data-tab=log]").click()
    expect(card.locator("[role=log]")).to_contain_text("step 12")
    card.locator("[data-tab=results]").click()
    expect(card.locator("[data-block=values]")).to_contain_text("0.81")
    card.locator("[data-tab=artifacts]").click()
    card.locator("[data-action=open-artifact]").first.click()
    dialog = page.locator("[data-dialog=artifact]")
    expect(dialog.locator("tbody tr")).to_have_count(25)
    expect(dialog.locator("tbody tr").first).to_contain_text("<b>answer</b>")
    dialog.locator("[data-action=chevron-right]").click()
    expect(dialog.locator("tbody tr").first).to_contain_text("question 25")
    with page.expect_download() as download:
        dialog.locator("[data-action=download]").click()
    download.value.save_as(tmp_path / "artifact.zip")
    assert zipfile.ZipFile(tmp_path / "artifact.zip").namelist() == ["data.jsonl"]


def test_the_frozen_graph_the_tables_and_the_file(past: Past, page: Page) -> None:
    page.goto(f"{past.url}/runs/{past.again}")
    page.click("[data-value=graph]")
    expect(page.locator("[data-canvas][data-ready]")).to_have_attribute("data-nodes", "3")
    node = page.locator("[data-canvas] [data-node=learn]")
    expect(node).to_have_attribute("data-state", "cached")
    node.click()
    expect(page.locator("[data-node-card=learn]")).to_be_visible()
    page.click("[data-value=table]")
    expect(page.locator("[data-row=learn]")).to_contain_text(f"from run {past.good}")
    page.click("[data-value=artifacts]")
    expect(page.locator("[data-page] tr[data-artifact]")).to_have_count(4)
    page.click("[data-action=yaml]")
    expect(page.locator("[data-dialog=yaml]")).to_contain_text("custom.learn")


def test_a_failed_run_says_what_to_do(past: Past, page: Page) -> None:
    page.goto(f"{past.url}/runs/{past.failed}")
    line = page.locator("[data-failed=bad]")
    expect(line).to_contain_text("Test metrics failed")
    expect(line).to_contain_text("ValueError: a bug")
    line.locator("[data-action=show-log]").click()
    card = page.locator("[data-node-card=bad]")
    expect(card.locator("[role=log]")).to_contain_text("ValueError: a bug")
    card.locator("[data-action=attempt] [data-value='1']").click()
    expect(card.locator("[data-action=download-log]")).to_have_attribute("href", re.compile("/bad/1.log$"))
    line.locator("[data-action=retry]").click()
    expect(page).not_to_have_url(f"{past.url}/runs/{past.failed}")
    expect(page.locator(".topbar [data-state=failed]").first).to_be_visible()
    expect(page.locator(".runfacts")).to_contain_text(f"run {past.failed}")


def test_a_running_run_is_followed_reloaded_and_cancelled(past: Past, page: Page, new_page) -> None:  # type: ignore[no-untyped-def]
    page.goto(f"{past.url}/runs/{past.good}")
    number = _start(past, "slow")
    page.goto(f"{past.url}/runs/{number}")
    other = new_page(locale="zh-CN")
    other.goto(f"{past.url}/runs/{number}")
    for one in (page, other):
        expect(one.locator("[data-row=last]")).to_have_attribute("data-state", "running")
        expect(one.locator("[data-row=learn]")).to_have_attribute(
            "data-state", re.compile("succeeded|cached")
        )
    expect(other.locator("[data-row=last]")).to_contain_text("剩余")
    assert page.evaluate(ACROSS, "learn") == []
    page.reload()
    expect(page.locator("[data-row=last]")).to_have_attribute("data-state", "running")
    page.click("[data-action=cancel]")
    page.click("[data-action=confirm]")
    for one in (page, other):
        expect(one.locator("[data-row=last]")).to_have_attribute("data-state", "cancelled")
        expect(one.locator("[data-action=rerun]")).to_be_visible()


def test_a_pipeline_opens_although_its_address_names_no_number_of_a_run(past: Past, page: Page) -> None:
    page.goto(f"{past.url}/pipelines/learn?run=latest")
    expect(page.locator("[data-canvas][data-ready]")).to_have_attribute("data-nodes", "3")


def test_there_is_no_such_run(past: Past, page: Page) -> None:
    for wrong in ("99", "<img src=x>", "9" * 40):
        page.goto(f"{past.url}/runs/{wrong}")
        expect(page.get_by_text("There is no run")).to_be_visible()
    page.click("[data-action=all-runs]")
    expect(page).to_have_url(f"{past.url}/runs")


def test_nothing_was_run_yet(page: Page, tmp_path: Path) -> None:
    with open_editor(tmp_path / "data", nodes_root=TOYS) as empty:
        page.goto(f"{empty.url}/runs")
        expect(page.get_by_text("No runs yet")).to_be_visible()


def _start(past: Past, name: str) -> int:
    """Start a run from another process, which leaves it to the server's engine."""
    with Workspace(past.editor.data_dir, nodes_root=TOYS) as space:
        return space.runs.start(name)
