"""One of a pipeline's own parameters: name, kind, default and range."""

from __future__ import annotations

from typing import Any, get_args

from nodegraph.errors import NodeGraphError
from nodegraph.pipeline import Parameter
from ui import kit
from ui.editor.session import Session
from ui.i18n import t, t_message
from ui.kit import controls
from ui.kit.fields import UNSET, Field, FieldProblem
from ui.kit.written import scalar_of

_KINDS = get_args(Parameter.model_fields["kind"].annotation)
_TEXTS = ("string", "text", "model", "dataset", "secret")


def parameter_dialog(session: Session, name: str | None) -> None:
    """Ask for a new parameter, or change one."""
    document = session.document
    before = document.pipeline.parameters.get(name or "", Parameter())

    def save() -> None:
        new = str(fields["name"].value or "").strip()
        kept = {key: one for key, one in document.pipeline.parameters.items() if key != name}
        try:
            if new in kept:
                raise NodeGraphError(f"There is a parameter {new} already.", "Choose another name.")
            document.set_parameters({**kept, new: _parameter(fields)})
        except NodeGraphError as error:
            sentence = t_message(error.message, error.hint)
            fields["name"].show_problems([FieldProblem(sentence)])
            return
        asked.close()

    def remove() -> None:
        kept = {key: one for key, one in document.pipeline.parameters.items() if key != name}
        session.do(lambda: document.set_parameters(kept))
        asked.close()

    heading = t("Parameter {name}", name=name) if name else t("New parameter")
    with session.where, kit.dialog(heading, name="parameter", width=420) as asked:
        fields = _fields(name or "", before)
        with asked.foot:
            if name:
                kit.button(t("Remove"), remove, kind="danger", action="remove-parameter")
            kit.div("grow")
            kit.button(t("Cancel"), asked.close, action="cancel-parameter")
            kit.button(t("Apply"), save, kind="primary", action="apply-parameter")
        kit.submit_on_enter(asked.body, save, "name", "title", "default", "min", "max", "help")


def _fields(name: str, before: Parameter) -> dict[str, Field]:
    return {
        "name": Field(t("Name"), controls.text(mono=True), name or UNSET, name="name", required=True),
        "title": Field(t("Title"), controls.text(), before.title or UNSET, name="title"),
        "kind": Field(t("Kind"), controls.choice(_KINDS), before.kind, name="kind"),
        "default": Field(
            t("Default"), controls.text(), _given(before.default), name="default",
            help=t("Without one, it must be given whenever the pipeline is run."),
        ),
        "min": Field(t("Least"), controls.number(), _given(before.min), name="min"),
        "max": Field(t("Most"), controls.number(), _given(before.max), name="max"),
        "choices": Field(t("Choices"), controls.chips(), before.choices or [], name="choices"),
        "help": Field(t("Help"), controls.text(), before.help or UNSET, name="help"),
    }  # fmt: skip


def _parameter(fields: dict[str, Field]) -> Parameter:
    values: dict[str, Any] = {key: one.value for key, one in fields.items() if key != "name"}
    values = {key: value for key, value in values.items() if value not in (UNSET, None, "", [])}
    as_text = values.get("kind", "string") in _TEXTS
    for key in ("default", "choices"):
        if key in values and not as_text:
            values[key] = _read(values[key])
    return Parameter.model_construct(_fields_set=set(values), **values)


def _read(value: Any) -> Any:
    return [_read(one) for one in value] if isinstance(value, list) else scalar_of(str(value))


def _given(value: Any) -> Any:
    if value is None:
        return UNSET
    return value if isinstance(value, str) or not isinstance(value, bool) else str(value).lower()
