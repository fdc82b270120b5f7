"""Sends a mail to see whether mail arrives, and says what the mail server has answered."""

from __future__ import annotations

import asyncio

from nodegraph.errors import NodeGraphError
from ui import kit
from ui.i18n import t, t_message
from ui.kit import controls
from ui.kit.buttons import disable
from ui.kit.fields import UNSET, Field
from ui.site import Site


class TrialMail:
    """The dialog; opens itself."""

    def __init__(self, site: Site) -> None:
        self._site = site
        with kit.dialog(t("Send a test e-mail"), name="test-mail", width=440) as asked:
            self._to = Field(
                t("To"), controls.text(mono=True), name="to", placeholder="me@example.com", required=True
            )
            self._said = kit.div("said")
            with asked.foot:
                kit.div("grow")
                kit.button(t("Close"), asked.close, action="close-test-mail")
                self._button = kit.button(t("Send"), self._send, kind="primary", action="send-test-mail")
            kit.submit_on_enter(asked.body, self._send, "to")

    async def _send(self) -> None:
        to = "" if self._to.value is UNSET else str(self._to.value).strip()
        self._answer(t("Sending…"), "info")
        disable(self._button, True)
        try:
            await asyncio.to_thread(self._site.workspace.notifications.send_test, to)
        except NodeGraphError as error:
            self._answer(t_message(error.message, error.hint), "error")
        else:
            self._answer(t("The mail server has taken the mail for {to}.", to=to), "info")
        disable(self._button, False)

    def _answer(self, sentence: str, kind: str) -> None:
        self._said.clear()
        with self._said:
            kit.message(sentence, kind)  # type: ignore[arg-type]
