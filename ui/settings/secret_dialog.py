"""Asks for a secret. The value goes from the field to the server once, when it is saved, and never back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from nicegui.events import GenericEventArguments

from nodegraph.errors import NodeGraphError
from ui import kit
from ui.i18n import t, t_message

_FORM = "secret-form"
# One message with both fields. The page keeps no copy, so nothing of the value comes back with an update.
_SUBMIT = """(event) => {
  event.preventDefault();
  const {secret_name, secret_value} = event.target.elements;
  emit({name: secret_name.value.trim(), value: secret_value.value.trim()});
}"""


def secret_dialog(name: str, known: Sequence[str], keep: Callable[[str, str], Awaitable[None]]) -> None:
    """Ask for the value of `name`, or for a new secret where that is empty; `keep` may refuse it."""
    title = t("Replace {name}", name=name) if name in known else t("Set {name}", name=name)
    with kit.dialog(title if name else t("Add secret"), name="secret", width=440) as asked:
        form = kit.el("form", "secret-form", id=_FORM, autocomplete="off")
        with form:
            with kit.div("field"):
                kit.text(t("Name"), "", "label", for_="secret-name")
                with kit.div("input" if not name else "input is-off"):
                    kit.el(
                        "input", "mono", id="secret-name", name="secret_name", type="text",
                        spellcheck="false", autocomplete="off", placeholder="OPENAI_API_KEY",
                        value=name or None, readonly="" if name else None,
                        autofocus=None if name else "", maxlength="128",
                    )  # fmt: skip
                kit.text(t("Letters, digits and underscores, as for an environment variable."), "help")
            with kit.div("field"):
                kit.text(t("Value"), "", "label", for_="secret-value")
                with kit.div("input"):
                    kit.el(
                        "input", "mono", id="secret-value", name="secret_value", type="password",
                        autocomplete="new-password", autofocus="" if name else None,
                    )  # fmt: skip
                kit.text(t("It is kept in the data directory, readable by its owner only."), "help")
            said = kit.div("said")

        async def submitted(event: GenericEventArguments) -> None:
            try:
                await keep(str(event.args["name"]), str(event.args["value"]))
            except NodeGraphError as error:
                said.clear()
                with said:
                    kit.message(t_message(error.message, error.hint), "error")
            else:
                asked.close()

        form.on("submit", submitted, js_handler=_SUBMIT)
        with asked.foot:
            kit.div("grow")
            kit.button(t("Cancel"), asked.close, action="cancel-secret")
            with kit.el("button", "btn primary", type="submit", form=_FORM, data_action="save-secret"):
                kit.text(t("Save secret"))
