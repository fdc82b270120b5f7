"""Forms as a person fills them in: every node type's, with what the core says of it beside."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from nodegraph.registry import Registry
from tests.e2e.forms import Forms, field, open_forms, unfold
from ui.forms.plan import plan_of

TYPES = [registered.id for registered in Registry.scan()]

PLACES = """() => Object.fromEntries([...document.querySelectorAll("[data-param]")].map((field) => {
  const box = field.getBoundingClientRect();
  return [field.dataset.param, { visible: field.checkVisibility(), left: box.left, right: box.right }];
}))"""


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forms]:
    with open_forms(tmp_path_factory.mktemp("forms") / "data") as opened:
        yield opened


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("type_id", TYPES)
def test_every_node_type_has_a_form(forms: Forms, new_page: Callable[..., Page], type_id: str, locale: str):
    page = new_page(locale=locale, viewport={"width": 320, "height": 900})
    forms.open(page, type_id)
    schema = Registry.scan().types[type_id].node.params.model_json_schema()
    plans = plan_of(schema)
    unfold(page)
    places = page.evaluate(PLACES)
    assert places.keys() == {plan.name for plan in plans}
    for plan in plans:
        shown = all(_default(plans, other) in allowed for other, allowed in plan.shown.items())
        place = places[plan.name]
        assert place["visible"] == shown, plan.name
        assert place["left"] >= 0 and place["right"] <= 304, plan.name
    groups = {plan.group for plan in plans if places[plan.name]["visible"]}
    assert page.locator("[data-group]:visible").count() == len(groups)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def _default(plans: list[Any], name: str) -> Any:
    return next(plan.default for plan in plans if plan.name == name)


def test_a_fix_is_one_click(forms: Forms, page: Page):
    forms.open(page, "train.sft", {"method": "lora", "lora_rank": 100_000})
    unfold(page)
    rank = field(page, "lora_rank")
    expect(rank.locator("[data-problem]")).to_be_visible()
    rank.locator('[data-action="fix"]').click()
    forms.await_heard(page, ["change", "lora_rank", 4096])
    expect(rank.locator("[data-problem]")).to_have_count(0)
    expect(rank.locator("input:not(.slider)")).to_have_value("4096")


def test_conditions_are_followed_while_a_person_chooses(forms: Forms, page: Page):
    forms.open(page, "train.sft")
    expect(field(page, "lora_rank")).to_have_count(1)
    expect(page.locator('[data-group="Method"]')).to_be_hidden()
    field(page, "method").get_by_role("radio", name="qlora").click()
    expect(page.locator('[data-group="Method"]')).to_be_visible()
    unfold(page)
    expect(field(page, "lora_rank")).to_be_visible()
    expect(field(page, "quantization")).to_be_visible()
    field(page, "method").get_by_role("radio", name="freeze").click()
    expect(field(page, "lora_rank")).to_be_hidden()
    expect(field(page, "freeze_layers")).to_be_visible()


def test_what_was_changed_can_be_reset(forms: Forms, page: Page):
    forms.open(page, "train.sft")
    epochs = field(page, "epochs")
    line = epochs.locator("input:not(.slider)")
    expect(line).to_have_attribute("placeholder", "3")
    expect(epochs.locator('[data-action="reset"]')).to_have_count(0)
    line.fill("5")
    epochs.locator('[data-action="reset"]').click()
    forms.await_heard(page, ["change", "epochs", 5], ["reset", "epochs"])
    expect(line).to_have_value("")
    line.fill("7")
    forms.await_heard(page, ["change", "epochs", 7])
    line.fill("")
    forms.await_heard(page, ["reset", "epochs"])


def test_a_value_that_may_be_missing_can_be_emptied(forms: Forms, page: Page):
    forms.open(page, "judge.rubric")
    unfold(page)
    line = field(page, "temperature").locator("input")
    expect(line).to_have_value("0")
    line.fill("")
    forms.await_heard(page, ["change", "temperature", None])
    field(page, "temperature").locator('[data-action="reset"]').click()
    expect(line).to_have_value("0")


def test_sliders_and_boxes_say_the_same(forms: Forms, page: Page):
    forms.open(page, "train.sft")
    rate = field(page, "learning_rate")
    rate.locator(".slider").focus()
    page.keyboard.press("ArrowRight")
    forms.await_heard(page, ["change", "learning_rate", 0.0002])
    expect(rate.locator("input:not(.slider)")).to_have_value("2e-4")
    epochs = field(page, "epochs")
    box = epochs.locator(".slider").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    expect(epochs.locator("input:not(.slider)")).not_to_have_value("")
    forms.await_heard(
        page, ["change", "epochs", json.loads(epochs.locator("input:not(.slider)").input_value())]
    )


def test_a_parameter_can_stand_in_place_of_a_value(forms: Forms, page: Page):
    forms.open(page, "train.sft")
    rate = field(page, "learning_rate")
    rate.hover()
    rate.locator('[data-action="link"]').click()
    page.locator(".popup").get_by_role("option", name="parameters.learning_rate").click()
    forms.await_heard(page, ["change", "learning_rate", "${parameters.learning_rate}"])
    expect(rate.locator(".is-reference .tag")).to_have_text("parameters.learning_rate")
    expect(rate.locator("[data-problem]")).to_have_count(0)
    rate.locator('[data-action="unlink"]').click()
    forms.await_heard(page, ["reset", "learning_rate"])
    expect(rate.locator("input:not(.slider)")).to_be_visible()


def test_long_choices_can_be_searched_with_the_keyboard(forms: Forms, page: Page):
    forms.open(page, "train.sft")
    unfold(page)
    optimizer = field(page, "optimizer").locator(".search-open")
    optimizer.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.type("8bit pag")
    expect(page.locator(".popup [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    forms.await_heard(page, ["change", "optimizer", "paged_adamw_8bit"])
    expect(optimizer).to_contain_text("paged_adamw_8bit")
    expect(optimizer).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator(".popup")).to_have_count(0)


def test_lists_pairs_and_records(forms: Forms, page: Page):
    forms.open(page, "preprocess.clean")
    line = field(page, "languages").locator("input")
    line.click()
    page.keyboard.type("zh,en")
    page.keyboard.press("Enter")
    forms.await_heard(page, ["change", "languages", ["zh", "en"]])
    page.keyboard.press("Backspace")
    forms.await_heard(page, ["change", "languages", ["zh"]])
    expect(line).to_have_value("en")
    unfold(page)
    field(page, "drop_patterns").locator("input").fill("a{1,3}, b")
    page.keyboard.press("Enter")
    forms.await_heard(page, ["change", "drop_patterns", ["a{1,3}, b"]])

    forms.open(page, "preprocess.load")
    mapping = field(page, "mapping")
    mapping.locator('[data-action="add"]').click()
    mapping.locator("input").nth(0).fill("prompt")
    mapping.locator("input").nth(1).fill("问题")
    forms.await_heard(page, ["change", "mapping", {"prompt": "问题"}])

    forms.open(page, "judge.rubric")
    dimensions = field(page, "dimensions")
    dimensions.locator('[data-action="remove"]').first.click()
    dimensions.locator(".record").first.locator("input").nth(2).fill("3")
    clarity = {"name": "clarity", "description": "Is it clear, well put and free of padding?", "weight": 1}
    whole = {"name": "completeness", "description": "Is everything there that was asked for?", "weight": 3}
    forms.await_heard(page, ["change", "dimensions", [whole, clarity]])

    forms.open(page, "augment.mix")
    field(page, "ratios").locator("input").fill("0.7")
    page.keyboard.press("Enter")
    forms.await_heard(page, ["change", "ratios", [0.7]])

    forms.open(page, "evaluate.text")
    field(page, "metrics").get_by_role("checkbox", name="bleu").click()
    forms.await_heard(page, ["change", "metrics", ["auto", "bleu"]])


def test_values_of_the_wrong_shape_are_shown_as_they_are(forms: Forms, page: Page):
    wrong = {"languages": "zh", "trim": "yes", "dedup": "nearly", "min_chars": [1], "required": {"a": 1}}
    forms.open(page, "preprocess.clean", wrong)
    unfold(page)
    expect(field(page, "languages").locator("textarea")).to_have_value("zh")
    expect(field(page, "trim").locator("textarea")).to_have_value("yes")
    expect(field(page, "dedup").get_by_role("radio", name="nearly")).to_have_attribute("aria-checked", "true")
    expect(field(page, "min_chars").locator("textarea")).to_have_value("[1]")
    for name in wrong:
        expect(field(page, name).locator("[data-problem]").first).to_be_visible()
    field(page, "languages").locator("textarea").fill('["zh"]')
    forms.await_heard(page, ["change", "languages", ["zh"]])
    expect(field(page, "languages").locator(".chips .tag")).to_have_text("zh")


def test_focus_unfolds_the_group_and_a_browser_remembers_what_is_open(forms: Forms, page: Page):
    forms.open(page, "train.sft")
    forms.call("focus", "attention")
    expect(field(page, "attention").locator("select")).to_be_focused()
    page.locator('[data-group="Schedule"] .sect-head').click()
    expect(field(page, "warmup")).to_be_visible()
    forms.open(page, "train.sft")
    expect(field(page, "warmup")).to_be_visible()
    expect(field(page, "attention")).to_be_hidden()


def test_what_values_say_is_never_markup(forms: Forms, page: Page):
    nasty = '<img src=x onerror="window.broken = 1">'
    forms.open(page, "preprocess.clean", {"languages": [nasty], "dedup": nasty})
    expect(field(page, "languages").locator(".tag")).to_have_text(nasty)
    assert page.evaluate("window.broken") is None


def test_parameters_of_a_pipeline_make_a_form(forms: Forms, page: Page):
    parameters = {
        "base_model": {"kind": "model", "title": "Base model"},
        "rounds": {"kind": "integer", "default": 3, "min": 1, "max": 10},
        "style": {"kind": "choice", "choices": ["short", "long"], "default": "short"},
        "loud": {"kind": "boolean", "default": False},
    }
    page.goto(f"{forms.url}/parameters?parameters={quote(json.dumps(parameters))}")
    field(page, "base_model").locator("input").fill("org/model")
    field(page, "style").get_by_role("radio", name="long").click()
    field(page, "loud").get_by_role("switch").click()
    forms.await_heard(
        page, ["change", "base_model", "org/model"], ["change", "style", "long"], ["change", "loud", True]
    )
