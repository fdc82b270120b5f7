"""Add a secret: a name and a value, which is never shown again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nodegraph.errors import InvalidInput
from ui import kit
from ui.forms.fixes import sentences
from ui.i18n import t
from ui.kit import controls
from ui.kit.fields import Field, FieldProblem
from ui.site import Site


def add_secret(site: Site, choose: Callable[[str], Any], *, name: str = "") -> None:
    """Ask for a secret; `choose` hears of its name once it is set."""
    with kit.dialog(t("Add secret"), name="secret", width=420) as asked:
        named = Field(
            t("Name"), controls.text(mono=True), name, name="name",
            help=t("Letters, digits and underscores, such as OPENAI_API_KEY"),
        )  # fmt: skip
        value = Field(t("Value"), controls.password(), "", name="value", help=t("It is never shown again."))

        def keep() -> Any:
            try:
                site.workspace.secrets.set(_text(named), _text(value))
            except InvalidInput as error:
                sentence = sentences(error.message, error.hint)
                at, other = (value, named) if not _text(value) and _text(named) else (named, value)
                at.show_problems([FieldProblem(sentence)])
                other.show_problems([])
                return None
            asked.close()
            return choose(_text(named))

        with asked.foot:
            kit.div("grow")
            kit.button(t("Cancel"), asked.close, action="close-dialog")
            kit.button(t("Add secret"), keep, kind="primary", action="add-secret")
    (value if name else named).focus()


def _text(field: Field) -> str:
    return field.value.strip() if isinstance(field.value, str) else ""
