"""Setting a secret that a node needs; its value goes to the server and never comes back."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

from nodegraph.errors import NodeGraphError
from nodegraph.problems import Problem
from ui import kit
from ui.editor.session import Session
from ui.i18n import t, t_message
from ui.kit import controls
from ui.kit.fields import UNSET, Field, FieldProblem

_LINE = controls.text()
_HIDDEN = replace(_LINE, options={**_LINE.options, "password": True})
_NAMED = re.compile(r"The secret (\w+) is not set\.")


def secret_dialog(session: Session, problem: Problem) -> None:
    """Ask for the value of the secret that a problem names."""
    match = _NAMED.match(problem.message)
    name = match[1] if match else ""

    async def keep() -> None:
        value = "" if secret.value is UNSET else str(secret.value)
        try:
            await asyncio.to_thread(session.site.workspace.secrets.set, name, value)
        except NodeGraphError as error:
            sentence = t_message(error.message, error.hint)
            secret.show_problems([FieldProblem(sentence)])
            return
        asked.close()
        session.opened.look_again()
        with session.where:
            kit.toast(t("Secret {name} is set", name=name))

    with session.where, kit.dialog(t("Add secret {name}", name=name), name="secret", width=420) as asked:
        secret = Field(
            t("Value"), _HIDDEN, name="value", required=True,
            help=t("Kept on this machine, readable by its owner only; handed to the nodes that name it."),
        )  # fmt: skip
        with asked.foot:
            kit.div("grow")
            kit.button(t("Cancel"), asked.close, action="cancel-secret")
            kit.button(t("Add secret"), keep, kind="primary", action="confirm-secret")
        kit.submit_on_enter(asked.body, keep, "value")
