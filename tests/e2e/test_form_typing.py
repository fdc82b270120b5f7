"""What is typed into forms arrives: fast, in mid-text, right before a reload or a click elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.forms import FAST, Forms, field, open_forms, unfold

# The pause of 250 ms after which a form tells what was typed does not come, however slow the machine is.
NEVER_RESTS = """{
  const later = window.setTimeout;
  window.setTimeout = (act, ms, ...more) => later(act, ms === 250 ? 600000 : ms, ...more);
}"""


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forms]:
    with open_forms(tmp_path_factory.mktemp("forms") / "data") as opened:
        yield opened


def test_what_is_typed_fast_arrives_whole(forms: Forms, page: Page):
    forms.open(page, "train.sft")
    line = field(page, "learning_rate").locator("input:not(.slider)")
    line.press_sequentially("0.00012", delay=FAST)
    forms.await_heard(page, ["change", "learning_rate", 0.00012])
    expect(line).to_have_value("0.00012")
    line.blur()
    expect(line).to_have_value("0.00012")
    assert len(forms.heard()) == 1


def test_the_cursor_stays_where_a_person_types(forms: Forms, page: Page):
    forms.open(page, "train.sft", {"system_prompt": "Hello world"})
    unfold(page)
    area = field(page, "system_prompt").locator("textarea")
    area.evaluate("area => { area.focus(); area.setSelectionRange(5, 5); }")
    text = ", dear and patient reader of long prompts, dear"
    for start in range(0, len(text), 8):
        page.keyboard.type(text[start : start + 8], delay=FAST)
        forms.await_heard(page, ["change", "system_prompt", f"Hello{text[: start + 8]} world"])
    expect(area).to_have_value(f"Hello{text} world")


def test_a_form_that_is_built_again_meanwhile_loses_nothing(forms: Forms, page: Page):
    forms.open(page, "train.sft")
    line = field(page, "base_model").locator("input")
    line.click()
    text = "Qwen/Qwen2.5-0.5B-Instruct-and-more"
    for start in range(0, len(text), 5):
        page.keyboard.type(text[start : start + 5], delay=FAST)
        forms.post("again")
    expect(line).to_have_value(text)
    expect(line).to_be_focused()
    forms.await_heard(page, ["change", "base_model", text])


def test_what_is_typed_while_there_is_no_form_is_not_lost_either(forms: Forms, page: Page):
    forms.open(page, "train.sft")
    line = field(page, "base_model").locator("input")
    line.click()
    text = "Qwen/Qwen2.5-0.5B-Instruct-and-more"
    with ThreadPoolExecutor(1) as other:
        for start in range(0, len(text), 12):
            building = other.submit(forms.post, "again/slowly")
            page.keyboard.type(text[start : start + 12] + "x", delay=2 * FAST)
            page.keyboard.press("Backspace")
            building.result()
            line.wait_for()
    expect(line).to_have_value(text)
    expect(line).to_be_focused()
    forms.await_heard(page, ["change", "base_model", text])


def test_a_reload_right_after_the_last_key_loses_nothing(forms: Forms, page: Page):
    forms.open(page, "train.sft")
    other = page.context.new_page()
    other.goto(f"{forms.url}/heard")
    field(page, "base_model").locator("input").press_sequentially("org/model", delay=FAST)
    page.goto("about:blank")
    forms.await_heard(other, ["change", "base_model", "org/model"])


def test_a_click_elsewhere_right_after_the_last_key_loses_nothing(forms: Forms, page: Page):
    forms.open(page, "train.sft")
    page.evaluate(
        """() => {
          const line = document.querySelector('[data-param="base_model"] input');
          line.value = "org/model";
          line.dispatchEvent(new Event("input", { bubbles: true }));
          const other = document.querySelector("[data-other]");
          other.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
        }"""
    )
    expect(page.locator("[data-param]")).to_have_count(0)
    forms.await_heard(page, ["change", "base_model", "org/model"])


def test_text_in_a_number_is_kept_and_said_to_be_wrong(forms: Forms, page: Page):
    forms.open(page, "train.sft")
    batch = field(page, "batch_size")
    batch.locator("input:not(.slider)").fill("many")
    forms.await_heard(page, ["change", "batch_size", "many"])
    expect(batch.locator("[data-problem]")).to_contain_text("many")
    expect(batch.locator("input:not(.slider)")).to_have_value("many")
    expect(page.locator('[data-group="Basic"] .count')).to_have_text("1")


def test_chinese_is_typed_like_anything_else(forms: Forms, new_page: Callable[..., Page]):
    page = new_page(locale="zh-CN")
    forms.open(page, "evaluate.text")
    prompt = field(page, "system_prompt")
    expect(prompt.locator("label")).to_have_text("系统提示词")
    prompt.locator("textarea").press_sequentially("你是客服，请用中文回答。", delay=FAST)
    forms.await_heard(page, ["change", "system_prompt", "你是客服，请用中文回答。"])
    field(page, "batch_size").locator("input:not(.slider)").fill("很多")
    expect(field(page, "batch_size").locator("[data-problem]")).to_contain_text("“很多”")


def test_values_from_elsewhere_do_not_touch_what_is_being_typed(forms: Forms, page: Page):
    page.add_init_script(NEVER_RESTS)
    forms.open(page, "train.sft")
    line = field(page, "base_model").locator("input")
    line.click()
    page.keyboard.type("mine", delay=FAST)
    forms.call("set_values", {"epochs": 9, "base_model": "theirs"})
    expect(field(page, "epochs").locator("input:not(.slider)")).to_have_value("9")
    page.keyboard.type("/model", delay=FAST)
    line.blur()
    forms.await_heard(page, ["change", "base_model", "mine/model"])
    expect(line).to_have_value("mine/model")
