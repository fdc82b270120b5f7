"""Saving a version, and what to do where somebody else saved one meanwhile."""

from __future__ import annotations

from nodegraph.errors import Conflict, NodeGraphError
from ui import kit
from ui.editor.opened import OpenPipeline
from ui.editor.session import Session
from ui.i18n import t, t_message


async def save(session: Session) -> None:
    """Save what is edited as a new version."""
    opened = session.opened
    before = opened.document.base_version
    try:
        view = await opened.save()
    except Conflict as conflict:
        _ask(session, conflict)
        return
    except NodeGraphError as error:
        session.say(error, t("Nothing was saved"))
        return
    with session.where:
        if view.version == before:
            kit.toast(t("Nothing has changed since version {n}", n=view.version), _beside(opened), "note")
        else:
            kit.toast(t("Saved as version {n}", n=view.version), _beside(opened))


def _beside(opened: OpenPipeline) -> str:
    """What is in no version yet."""
    return t("The text in the YAML view is not applied yet, so it is not in it.") if opened.rough else ""


def _ask(session: Session, conflict: Conflict) -> None:
    opened = session.opened

    async def mine() -> None:
        asked.close()
        try:
            view = await opened.save(over=True)
        except NodeGraphError as error:
            session.say(error, t("Nothing was saved"))
            return
        with session.where:
            kit.toast(t("Saved as version {n}", n=view.version))

    async def theirs() -> None:
        asked.close()
        view = await opened.take_theirs()
        with session.where:
            kit.toast(
                t("Showing version {n}", n=view.version), t("Yours comes back with Undo."), label=t("Undo"),
                on_click=opened.document.undo, action="undo",
            )  # fmt: skip

    with session.where, kit.dialog(t("Somebody else saved a version"), name="conflict") as asked:
        kit.text(t_message(conflict.message), "", "p")
        kit.text(t("Neither is lost: the other one stays in Versions, or in Undo."), "sub sm", "p")
        with asked.foot:
            kit.div("grow")
            kit.button(t("Take theirs"), theirs, action="take-theirs")
            kit.button(t("Save mine as a newer version"), mine, kind="primary", action="save-mine")
