"""A pipeline's own parameters as a form."""

from __future__ import annotations

import pytest

from nodegraph.pipeline import Parameter
from nodegraph.templates import list_templates
from ui.forms import schema_of
from ui.forms.plan import plan_of


@pytest.mark.parametrize(
    ("parameter", "kind"),
    [({"kind": "string"}, "text"), ({"kind": "text"}, "area"), ({"kind": "number", "max": 1}, "text"),
     ({"kind": "integer"}, "text"), ({"kind": "boolean", "default": False}, "toggle"),
     ({"kind": "choice", "choices": ["a", 1, True]}, "segments"), ({"kind": "model"}, "text"),
     ({"kind": "dataset"}, "text"), ({"kind": "secret"}, "text")],
)  # fmt: skip
def test_each_kind_has_its_control(parameter, kind):
    (plan,) = plan_of(schema_of({"x": Parameter.model_validate(parameter)}))
    assert plan.control.kind == kind
    assert plan.required == ("default" not in parameter)


def test_title_help_range_and_default_are_taken_over():
    parameter = Parameter(kind="integer", default=3, title="Rounds", help="How many.", min=1, max=10)
    (plan,) = plan_of(schema_of({"rounds": parameter}))
    assert (plan.title, plan.help, plan.default) == ("Rounds", "How many.", 3)
    assert plan.control.options["slider"] == {"min": 1, "max": 10, "step": 1, "digits": 0}


def test_every_template_gives_a_form():
    for template in list_templates():
        plans = plan_of(schema_of(template.parameters))
        assert [plan.name for plan in plans] == list(template.parameters)
