"""Datasets, models and secrets are chosen where they are needed, and files uploaded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.forms import Forms, field, open_forms


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forms]:
    with open_forms(tmp_path_factory.mktemp("forms") / "data") as opened:
        yield opened


def test_an_upload_is_named_watched_previewed_and_used(forms: Forms, page: Page, tmp_path: Path):
    file = tmp_path / "客服 工单.jsonl"
    file.write_text('{"prompt": "你好", "completion": "<b>您好</b>"}\n' * 100, encoding="utf-8")
    forms.open(page, "preprocess.load")
    field(page, "source").locator('[data-action="choose"]').click()
    dialog = page.locator('[data-dialog="dataset"]')
    dialog.locator('[data-tab="upload"]').click()
    dialog.locator('[data-upload] input[type="file"]').set_input_files(file)
    name = field(page, "dataset-name").locator("input")
    expect(name).to_have_value("客服-工单")
    name.fill("tickets")
    dialog.locator('[data-action="upload"]').click()
    expect(dialog.locator('[role="option"][aria-selected="true"]')).to_contain_text("tickets")
    expect(dialog.locator(".pick-table tbody tr")).to_have_count(8)
    expect(dialog.locator(".pick-table td").nth(1)).to_have_text("<b>您好</b>")
    dialog.locator('[data-action="use"]').click()
    forms.await_heard(page, ["change", "source", "dataset:tickets@1"])
    expect(field(page, "source").locator("input")).to_have_value("dataset:tickets@1")


def test_an_upload_can_be_stopped_and_leaves_nothing(forms: Forms, page: Page, tmp_path: Path):
    file = tmp_path / "slow.txt"
    file.write_bytes(b"row\n" * 450_000)
    forms.open(page, "preprocess.load")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 100_000}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
    field(page, "source").locator('[data-action="choose"]').click()
    page.locator('[data-tab="upload"]').click()
    page.locator('[data-upload] input[type="file"]').set_input_files(file)
    page.locator('[data-action="upload"]').click()
    expect(page.locator("[data-progress]")).to_have_text(re.compile(r"^[\d.]+ kB / 1\.8 MB · \d+ sec left$"))
    page.locator('[data-action="cancel-upload"]').click()
    expect(page.locator('[data-action="upload"]')).to_be_visible()
    expect(page.locator("[data-progress]")).to_have_count(0)
    assert "slow" not in forms.post("datasets")


def test_what_is_too_large_or_refused_is_said(
    forms: Forms, page: Page, tmp_path: Path, allowed_errors: list[str]
):
    allowed_errors.append("422")
    large, small = tmp_path / "large.txt", tmp_path / "empty.txt"
    large.write_bytes(b"x" * 2_100_000)
    small.write_bytes(b"")
    forms.open(page, "preprocess.load")
    field(page, "source").locator('[data-action="choose"]').click()
    page.locator('[data-tab="upload"]').click()
    pick = page.locator('[data-upload] input[type="file"]')
    pick.set_input_files(large)
    expect(page.locator("[data-upload] [role=alert]")).to_contain_text("larger than 2.0 MB")
    pick.set_input_files(small)
    page.locator('[data-action="upload"]').click()
    expect(field(page, "dataset-name").locator("[data-problem]")).to_contain_text("The file is empty.")


def test_examples_and_addresses_can_be_chosen(forms: Forms, page: Page):
    forms.open(page, "preprocess.load")
    choose = field(page, "source").locator('[data-action="choose"]')
    choose.click()
    page.get_by_role("option").filter(has_text="customer_messages.jsonl").click()
    expect(page.locator(".pick-table tbody tr")).to_have_count(8)
    page.locator('[data-action="use"]').click()
    forms.await_heard(page, ["change", "source", "example:customer_messages.jsonl"])
    choose.click()
    page.locator('[data-tab="other"]').click()
    field(page, "typed").locator("input").fill("tatsu-lab/alpaca")
    page.locator('[data-action="use"]').click()
    forms.await_heard(page, ["change", "source", "tatsu-lab/alpaca"])


def test_a_model_that_a_run_has_made_can_be_chosen(forms: Forms, page: Page):
    path = forms.post("model")["path"]
    forms.open(page, "train.sft")
    field(page, "base_model").locator('[data-action="choose"]').click()
    page.get_by_role("option").filter(has_text="train.model").click()
    page.locator('[data-action="use"]').click()
    forms.await_heard(page, ["change", "base_model", path])
    field(page, "base_model").locator('[data-action="choose"]').click()
    page.locator('[data-tab="other"]').click()
    field(page, "typed").locator("input").fill("org/other")
    page.locator('[data-action="use"]').click()
    forms.await_heard(page, ["change", "base_model", "org/other"])


def test_a_secret_is_added_where_it_is_needed(forms: Forms, page: Page):
    forms.open(page, "deploy.service")
    key = field(page, "api_key")
    key.locator(".search-open").click()
    page.locator('.popup [data-action="add"]').click()
    dialog = page.locator('[data-dialog="secret"]')
    dialog.locator('[data-param="name"] input').fill("SERVICE_KEY")
    dialog.locator('[data-param="value"] input').fill("very-secret")
    dialog.locator('[data-action="add-secret"]').click()
    forms.await_heard(page, ["change", "api_key", "SERVICE_KEY"])
    expect(key.locator(".search-open")).to_contain_text("SERVICE_KEY")
    expect(dialog).to_have_count(0)
    assert "very-secret" not in page.content()


def test_a_refusal_by_something_before_the_server_is_said(
    forms: Forms, page: Page, tmp_path: Path, allowed_errors: list[str]
):
    allowed_errors.append("413")
    file = tmp_path / "rows.txt"
    file.write_bytes(b"row\n")
    page.route("**/upload/dataset?*", lambda route: route.fulfill(status=413, body="<h1>Too large</h1>"))
    forms.open(page, "preprocess.load")
    field(page, "source").locator('[data-action="choose"]').click()
    page.locator('[data-tab="upload"]').click()
    page.locator('[data-upload] input[type="file"]').set_input_files(file)
    page.locator('[data-action="upload"]').click()
    expect(field(page, "dataset-name").locator("[data-problem]")).to_contain_text("HTTP status 413")
