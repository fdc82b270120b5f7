"""How people and programs are told of runs: mail server, webhooks, the address that links lead to."""

from __future__ import annotations

import asyncio
from typing import Any

from executor.services.notification_settings import PASSWORD, NotificationSettings
from executor.services.secrets import SecretView
from nodegraph.errors import InvalidInput, NodeGraphError
from ui import kit
from ui.forms.fixes import sentences
from ui.i18n import OWN_NAMES, t
from ui.kit import controls
from ui.kit.fields import UNSET, Field, FieldProblem
from ui.settings.secret_dialog import secret_dialog
from ui.settings.secrets import draw_standing
from ui.settings.trial_mail import TrialMail
from ui.site import Site


class NotificationsPart:
    """The part of the page; what is typed and not saved outlives a change of language."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._typed: dict[str, str] = {}
        self._fields: dict[str, Field] = {}

    async def load(self) -> None:
        """Read what is set."""
        self._set, self._fixed, self._password = await asyncio.to_thread(self._read)

    def build(self) -> None:
        """Fill the part."""
        self._root = kit.div("card")
        self._fill()

    def _read(self) -> tuple[NotificationSettings, set[str], SecretView]:
        notifications = self._site.workspace.notifications
        (password,) = notifications.secrets.overview({PASSWORD: []})
        return notifications.settings, notifications.fixed, password

    def _fill(self) -> None:
        self._fields.clear()
        self._root.clear()
        with self._root:
            with kit.div("in notify-form"):
                self._mail()
                self._elsewhere()
                self._said = kit.div("said")
            with kit.div("foot row"):
                kit.button(t("Save"), self._save, kind="primary", action="save-notifications")
                kit.button(
                    t("Send a test e-mail"), lambda: TrialMail(self._site), action="test-mail",
                    off=not self._set.smtp_host,
                )  # fmt: skip

    def _mail(self) -> None:
        self._field("smtp_host", t("Mail server"), controls.text(mono=True), placeholder="smtp.example.com")
        self._field(
            "smtp_security", t("Encryption"),
            controls.choice({"starttls": "STARTTLS", "tls": "TLS", "none": t("none")}),
        )  # fmt: skip
        port = str(NotificationSettings(smtp_security=self._set.smtp_security).port)
        self._field("smtp_port", t("Port"), controls.text(mono=True), placeholder=port)
        self._field(
            "sender", t("Sender"), controls.text(mono=True), placeholder="nodegraph@example.com",
            help=t("The address that mail comes from."),
        )  # fmt: skip
        self._field("smtp_user", t("User"), controls.text(mono=True), help=t("Empty where it wants none."))
        with kit.div("field", data_param="smtp_password"):
            kit.text(t("Password"), "", "label")
            with kit.div("row"):
                if self._password.is_set or self._set.smtp_user:
                    draw_standing(self._password)
                else:
                    kit.chip("draft", t("not set"))
                if not self._password.in_environment:
                    label = t("Replace") if self._password.in_directory else t("Set")
                    kit.button(label, self._ask_password, size="mini", action="set-smtp-password")

    def _elsewhere(self) -> None:
        self._field(
            "public_url", t("Public address of this server"), controls.text(mono=True),
            placeholder="https://nodegraph.example.com",
            help=t("Notifications link to it; without it they do not."),
        )  # fmt: skip
        self._field(
            "webhook_hosts", t("Webhook hosts on this machine"), controls.text(mono=True),
            placeholder="localhost:8065",
            help=t("Webhooks reach no address of this machine or its cloud, unless its host is named here."),
        )  # fmt: skip
        self._field("language", t("Language of notifications"), controls.choice(OWN_NAMES))

    def _field(self, name: str, label: str, control: controls.Control, **options: Any) -> None:
        kept = getattr(self._set, name)
        if name in self._fixed:
            _fixed(name, label, kept)
            return

        def typed(value: Any) -> None:
            self._typed[name] = "" if value is UNSET else str(value)

        value = self._typed.get(name, kept) or UNSET
        self._fields[name] = Field(label, control, value, name=name, on_change=typed, **options)

    async def _save(self) -> None:
        given = dict(self._typed)
        try:
            await asyncio.to_thread(lambda: self._site.workspace.notifications.set(**given))
        except NodeGraphError as error:
            self._show(error)
            return
        self._typed.clear()
        await self._refresh(t("The settings are saved"))

    def _show(self, error: NodeGraphError) -> None:
        problems = error.problems if isinstance(error, InvalidInput) else []
        for name, field in self._fields.items():
            mine = [one for one in problems if one.param == name]
            field.show_problems([FieldProblem(sentences(one.message, one.hint)) for one in mine])
        # What the environment says has no field.
        others = [(one.message, one.hint) for one in problems if one.param not in self._fields]
        self._said.clear()
        for message, hint in others if problems else [(error.message, error.hint)]:
            with self._said:
                kit.message(sentences(message, hint), "error")

    def _ask_password(self) -> None:
        secret_dialog(PASSWORD, [PASSWORD] if self._password.in_directory else [], self._keep_password)

    async def _keep_password(self, _name: str, value: str) -> None:
        await asyncio.to_thread(self._site.workspace.notifications.set_password, value)
        await self._refresh(t("{name} is set", name=t("Password")))

    async def _refresh(self, said: str) -> None:
        with self._root:
            kit.toast(said)
        await self.load()
        if not self._root.is_deleted:
            self._fill()


def _fixed(name: str, label: str, value: str) -> None:
    """What the environment says can only be looked at."""
    with kit.div("field", data_param=name):
        kit.text(label, "", "label")
        with kit.div("row"):
            kit.text(value, "mono cut", title=value)
            kit.chip("cached", t("from the environment"))
