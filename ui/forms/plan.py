"""From a JSON Schema of parameters to the fields of a form: their groups, controls and conditions.

Any schema gives a field: what no control is made for is edited as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ui.forms.sliders import slider_for
from ui.kit import controls
from ui.kit.controls import Control
from ui.kit.fields import UNSET
from ui.kit.written import plain

BASIC = "Basic"
_LONG_TEXT = 400


@dataclass(frozen=True)
class FieldPlan:
    """One parameter as a field. `shown` are the values of other parameters that it is there for."""

    name: str
    title: str
    help: str
    group: str
    control: Control
    widget: str
    default: Any
    required: bool
    nullable: bool
    schema: Mapping[str, Any]
    shown: Mapping[str, Sequence[Any]]

    @property
    def empty(self) -> Any:
        """What an emptied line means: nothing where that is allowed, else the default again."""
        return None if self.nullable else UNSET


def plan_of(schema: Mapping[str, Any]) -> list[FieldPlan]:
    """The fields of a schema in their order; groups follow the first field of each, Basic before all."""
    definitions = schema.get("$defs", {})
    required = schema.get("required", [])
    fields = [
        _field(name, _resolved(part, definitions), definitions, name in required)
        for name, part in schema.get("properties", {}).items()
    ]
    order = [BASIC, *dict.fromkeys(field.group for field in fields)]
    return sorted(fields, key=lambda field: order.index(field.group))


def control_for(
    schema: Mapping[str, Any], widget: str = "", definitions: Mapping[str, Any] | None = None
) -> Control:
    """The control for values of a schema."""
    definitions = definitions or {}
    schema = _resolved(schema, definitions)
    branches, nullable = _branches(schema)
    choices = _choices(branches)
    unit = str(schema.get("unit", ""))
    if choices is not None:
        return controls.choice(_labelled([*choices, *([None] if nullable else [])]))
    kinds = {branch.get("type") for branch in branches}
    merged = {**schema, **branches[0]}
    if kinds == {"boolean"}:
        return controls.choice(_labelled([None, True, False])) if nullable else controls.toggle()
    if kinds and kinds <= {"integer", "number"}:
        return controls.number(slider=None if nullable else slider_for(merged), unit=unit)
    if kinds == {"string"}:
        return _text(merged, widget, unit)
    if kinds == {"array"}:
        return _list(merged, definitions)
    if kinds == {"object"}:
        return _object(merged, widget, definitions)
    return controls.raw()


def _field(name: str, schema: Mapping[str, Any], definitions: Mapping[str, Any], required: bool) -> FieldPlan:
    widget = str(schema.get("widget", ""))
    default = schema.get("default", UNSET)
    return FieldPlan(
        name=name,
        title=str(schema.get("title") or name),
        help=str(schema.get("description", "")),
        group=str(schema.get("group", BASIC)),
        control=control_for(schema, widget, definitions),
        widget=widget,
        default=default,
        required=required,
        nullable=_branches(schema)[1],
        schema=schema,
        shown=schema.get("shown", {}),
    )


def _text(schema: Mapping[str, Any], widget: str, unit: str) -> Control:
    if widget in ("textarea", "code"):
        return controls.area(code=widget == "code")
    return controls.text(unit=unit)


def _list(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Control:
    item = _resolved(schema.get("items", {}), definitions)
    if "enum" in item and all(isinstance(choice, str) for choice in item["enum"]):
        return controls.several(item["enum"])
    if item.get("type") == "string":
        return controls.chips()
    if item.get("type") in ("number", "integer"):
        return controls.chips(numbers=True)
    if item.get("type") == "object" and item.get("properties"):
        return _records(item, definitions)
    return controls.raw()


def _records(item: Mapping[str, Any], definitions: Mapping[str, Any]) -> Control:
    columns = {}
    for name, part in item["properties"].items():
        part = _resolved(part, definitions)
        if part.get("type") not in ("string", "integer", "number"):
            return controls.raw()
        control = controls.text() if part["type"] == "string" else controls.number()
        columns[name] = (str(part.get("title") or name), control)
    return controls.records(columns, item.get("required", []))


def _object(schema: Mapping[str, Any], widget: str, definitions: Mapping[str, Any]) -> Control:
    values = schema.get("additionalProperties")
    if schema.get("properties") or not isinstance(values, Mapping):
        return controls.raw()
    branches, nullable = _branches(_resolved(values, definitions))
    choices = _choices(branches)
    if choices is not None and not nullable:
        return controls.pairs(options=[str(choice) for choice in choices])
    kinds = {branch.get("type") for branch in branches}
    if kinds == {"string"}:
        return controls.pairs()
    return (
        controls.pairs(simple=True) if kinds <= {"string", "integer", "number", "boolean"} else controls.raw()
    )


def _resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found = definitions.get(str(reference).rsplit("/", 1)[-1], {})
    return {**found, **{key: value for key, value in schema.items() if key != "$ref"}}


def _branches(schema: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], bool]:
    """The alternatives of a schema without null, and whether null is one of them."""
    alternatives = schema.get("anyOf") or schema.get("oneOf") or [schema]
    some = [part for part in alternatives if part.get("type") != "null"]
    return some or [schema], len(some) < len(alternatives)


def _choices(branches: Sequence[Mapping[str, Any]]) -> list[Any] | None:
    found: list[Any] = []
    for branch in branches:
        if "const" in branch:
            found.append(branch["const"])
        elif "enum" in branch:
            found += branch["enum"]
        else:
            return None
    return found


def _labelled(values: Sequence[Any]) -> dict[Any, str]:
    words = {None: "Not set", True: "Yes", False: "No"}
    return {
        value: words[value] if value is None or isinstance(value, bool) else plain(value) for value in values
    }
