"""From schemas to fields: groups, controls, conditions, sliders."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel

from nodegraph.contract import Field, NodeParams
from nodegraph.registry import Registry
from ui.forms.plan import plan_of
from ui.kit.fields import UNSET
from ui.kit.written import number_of, number_text


class Dimension(BaseModel):
    name: str
    weight: float = 1.0


class Params(NodeParams):
    source: str = Field(title="Source", widget="dataset")
    method: Literal["full", "lora"] = Field("full", title="Method")
    rank: int = Field(16, title="Rank", ge=1, le=4096, group="Method", shown={"method": ["lora"]})
    optimizer: Literal["a", "b", "c", "d", "e", "f", "g", "h", "i"] = Field("a", title="Optimiser")
    format: Literal["auto"] | Literal["json", "csv"] = Field("auto", title="Format")
    limit: int | None = Field(None, title="Limit", ge=1, unit="rows")
    normalize: bool | None = Field(None, title="Normalise")
    shuffle: bool = Field(False, title="Shuffle")
    languages: list[str] = Field([], title="Languages")
    kinds: list[Literal["typo", "drop"]] = Field(["typo"], title="Kinds")
    ratios: list[float] = Field([], title="Ratios")
    mapping: dict[str, str] = Field({}, title="Mapping", widget="keyvalue")
    ports: dict[str, Literal["dataset", "model"]] = Field({}, title="Ports")
    dimensions: list[Dimension] = Field([], title="Dimensions")
    anything: Any = Field(None, title="Anything")
    template: str = Field("", title="Template", widget="code", group="Basic")


PLANS = {plan.name: plan for plan in plan_of(Params.model_json_schema())}


@pytest.mark.parametrize(
    ("name", "kind"),
    [("source", "text"), ("method", "segments"), ("rank", "text"), ("optimizer", "search"),
     ("format", "segments"), ("limit", "text"), ("normalize", "segments"), ("shuffle", "toggle"),
     ("languages", "chips"), ("kinds", "several"), ("ratios", "chips"), ("mapping", "pairs"),
     ("ports", "pairs"), ("dimensions", "records"), ("anything", "area"), ("template", "area")],
)  # fmt: skip
def test_each_parameter_has_the_control_of_its_kind(name, kind):
    assert PLANS[name].control.kind == kind


def test_every_parameter_of_every_node_type_has_a_field():
    for registered in Registry.scan():
        schema = registered.node.params.model_json_schema()
        plans = plan_of(schema)
        assert {plan.name for plan in plans} == set(schema["properties"]), registered.id
        for plan in plans:
            assert plan.control.fits(plan.default) or plan.default in (UNSET, None), (
                registered.id,
                plan.name,
            )


def test_every_default_comes_back_from_the_page_as_it_was():
    for registered in Registry.scan():
        for plan in plan_of(registered.node.params.model_json_schema()):
            if plan.default not in (UNSET, None):
                again = plan.control.read(plan.control.write(plan.default))
                assert again == plan.default, (registered.id, plan.name)


def test_groups_follow_each_other_and_basic_is_first():
    groups = list(dict.fromkeys(plan.group for plan in PLANS.values()))
    assert groups == ["Basic", "Method"]
    assert [plan.name for plan in PLANS.values()][-1] == "rank"


def test_required_nullable_and_conditional_parameters_are_known():
    assert PLANS["source"].required and PLANS["source"].default is UNSET
    assert PLANS["limit"].nullable and PLANS["limit"].empty is None
    assert PLANS["rank"].empty is UNSET and PLANS["rank"].shown == {"method": ["lora"]}


def test_what_is_no_number_stays_the_text_it_is():
    read = PLANS["rank"].control.read
    assert read("64") == 64 and read("abc") == "abc" and read("1,000") == "1,000" and read("1e999") == "1e999"
    assert read("9223372036854775807") == 2**63 - 1


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0001, "1e-4"), (0.00012, "1.2e-4"), (1e-08, "1e-8"), (0.05, "0.05"), (3, "3"), (3.0, "3"),
     (0.999, "0.999"), (2**63 - 1, "9223372036854775807"), (1e300, "1e300"), (-0.5, "-0.5"), (0.0, "0"),
     (123456.789, "123456.789")],
)  # fmt: skip
def test_numbers_are_written_as_people_write_them(value, text):
    assert number_text(value) == text
    assert number_of(text) == value


def test_choices_keep_their_types():
    control = PLANS["normalize"].control
    assert [control.read(option["value"]) for option in control.options["options"]] == [None, True, False]
    assert control.read("perhaps") == "perhaps" and not control.fits("perhaps")


def test_pairs_of_simple_values_are_read_as_such():
    schema = {"type": "object", "additionalProperties": {"anyOf": [{"type": "boolean"}, {"type": "integer"}]}}
    plan = plan_of({"properties": {"options": schema}})[0]
    assert plan.control.read([["a", "true"], ["b", "3"], ["", "x"]]) == {"a": True, "b": 3}


def test_records_leave_out_what_is_empty_but_not_what_is_needed():
    control = PLANS["dimensions"].control
    assert control.read([{"name": "", "weight": ""}, {"name": "x", "weight": "2"}]) == [
        {"name": ""}, {"name": "x", "weight": 2},
    ]  # fmt: skip


def _sliders() -> dict[str, Any]:
    found = {}
    for registered in Registry.scan():
        for plan in plan_of(registered.node.params.model_json_schema()):
            if plan.control.options.get("slider"):
                found[f"{registered.id}.{plan.name}"] = plan.control.options["slider"]
    return found


def test_sliders_span_what_is_sensible():
    sliders = _sliders()
    assert sliders["train.sft.learning_rate"]["stops"][0] == "1e-6"
    assert "1e-4" in sliders["train.sft.learning_rate"]["stops"]
    assert sliders["train.sft.lora_rank"]["stops"][:5] == ["1", "2", "4", "8", "16"]
    assert sliders["augment.noise.rate"] == {"min": 0, "max": 1, "step": 0.05, "digits": 2}
    assert "train.sft.seed" not in sliders and "train.sft.adam_beta2" not in sliders


def test_a_slider_never_leaves_the_range_of_its_parameter():
    schemas = {
        f"{registered.id}.{name}": schema
        for registered in Registry.scan()
        for name, schema in registered.node.params.model_json_schema()["properties"].items()
    }
    for name, slider in _sliders().items():
        schema = schemas[name]
        ends = (
            [float(stop) for stop in slider["stops"]] if "stops" in slider else [slider["min"], slider["max"]]
        )
        assert schema.get("minimum", ends[0]) <= min(ends) and max(ends) <= schema.get(
            "maximum", max(ends)
        ), name
        assert min(ends) > schema.get("exclusiveMinimum", -1) and max(ends) < schema.get(
            "exclusiveMaximum", 1e9
        )
