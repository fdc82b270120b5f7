"""Whom to tell of the end of a run: which ends, and a mail address or a webhook."""

from __future__ import annotations

from nodegraph.errors import NodeGraphError
from nodegraph.pipeline import Notify
from nodegraph.validation.notify import faults
from ui import kit
from ui.editor.session import Session
from ui.i18n import t, t_message
from ui.kit import controls
from ui.kit.fields import UNSET, Field, FieldProblem

_ENDS = ("failed", "succeeded", "cancelled")


def notify_dialog(session: Session, place: int | None) -> None:
    """Ask for a new entry, or change the one at this place."""
    document = session.document
    entries = document.pipeline.notify
    before = entries[place] if place is not None else Notify(on=["failed"])

    def others() -> list[Notify]:
        return [one for at, one in enumerate(document.pipeline.notify) if at != place]

    def save() -> None:
        made = _entry(fields, ends)
        found = faults(made)
        for key, field in {**fields, "on": ends[_ENDS[0]]}.items():
            field.show_problems([FieldProblem(t_message(*found[key]))] if key in found else [])
        if found:
            return
        kept = others()
        kept.insert(len(kept) if place is None else place, made)
        try:
            document.set_notify(kept)
        except NodeGraphError as error:
            fields["email"].show_problems([FieldProblem(t_message(error.message, error.hint))])
            return
        asked.close()

    def remove() -> None:
        session.do(lambda: document.set_notify(others()))
        asked.close()

    with session.where, kit.dialog(t("Who is told"), name="notify", width=440) as asked:
        ends = {end: Field(t(end), controls.checkbox(), end in before.on, name=f"on-{end}") for end in _ENDS}
        fields = _fields(before)
        with asked.foot:
            if place is not None:
                kit.button(t("Remove"), remove, kind="danger", action="remove-notify")
            kit.div("grow")
            kit.button(t("Cancel"), asked.close, action="cancel-notify")
            kit.button(t("Apply"), save, kind="primary", action="apply-notify")
        kit.submit_on_enter(asked.body, save, "email", "webhook")


def _fields(before: Notify) -> dict[str, Field]:
    return {
        "email": Field(
            t("Mail address"), controls.text(mono=True), before.email or UNSET, name="email",
            placeholder="team@example.com",
        ),
        "webhook": Field(
            t("Webhook"), controls.text(mono=True), before.webhook or UNSET, name="webhook",
            placeholder="${secrets.CHAT_HOOK}",
            help=t("An address that takes JSON, such as that of a chat; where it holds a token, a secret."),
        ),
    }  # fmt: skip


def _entry(fields: dict[str, Field], ends: dict[str, Field]) -> Notify:
    given = {
        key: str(field.value).strip() for key, field in fields.items() if field.value not in (UNSET, None)
    }
    wanted = [end for end, field in ends.items() if field.value is True]
    return Notify.model_validate({"on": wanted, **{key: text for key, text in given.items() if text}})
