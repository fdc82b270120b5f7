"""Giving a node another id."""

from __future__ import annotations

from ui import kit
from ui.editor.refused import Refused
from ui.editor.session import Session
from ui.i18n import t, t_message
from ui.kit import controls
from ui.kit.fields import Field, FieldProblem


def rename_dialog(session: Session, name: str) -> None:
    """Ask for the new id."""

    def rename() -> None:
        new = str(field.value or "").strip()
        selected = [new if one == name else one for one in session.selected]
        before, session.selected = session.selected, selected
        try:
            session.document.rename(name, new)
        except Refused as refused:
            session.selected = before
            field.show_problems([FieldProblem(t_message(refused.message, refused.hint))])
            return
        asked.close()

    with session.where, kit.dialog(t("Rename {name}", name=name), name="rename", width=400) as asked:
        field = Field(
            t("Id"), controls.text(mono=True), name, name="id", key="id",
            help=t("What other nodes, conditions and runs call this node."),
        )  # fmt: skip
        with asked.foot:
            kit.div("grow")
            kit.button(t("Rename"), rename, kind="primary", action="confirm-rename")
