"""Removing a host: whether what is kept there goes too, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from executor.services.hosts import Removed
from nodegraph.errors import Conflict, NodeGraphError
from ui import kit
from ui.i18n import t, t_message
from ui.kit import controls
from ui.kit.fields import Field
from ui.results.units import size


def ask_to_remove(name: str, remove: Callable[[bool], Any]) -> None:
    """Ask whether it is meant; `remove(purge)` hears of it."""
    with kit.dialog(t("Remove {name}?", name=name), name="remove-host", width=460) as asked:
        kit.text(t("It is forgotten here; the machine itself stays as it is."), "sub", "p")
        purge = Field(
            t("Also remove what NodeGraph keeps there"), controls.checkbox(), False, name="purge",
            help=t(
                "Its containers of this server, and the volume with the data and models that were cached for "
                "nodes. Images stay. The host must answer for that."
            ),
        )  # fmt: skip

        def agreed() -> Any:
            asked.close()
            return remove(bool(purge.value))

        with asked.foot:
            kit.div("grow")
            kit.button(t("Keep host"), asked.close, action="keep")
            kit.button(t("Remove host"), agreed, kind="danger", action="confirm")


def say_removed(removed: Removed) -> None:
    """That it is gone, with what was freed there, or with what stays."""
    kit.toast(t("{name} is removed", name=removed.name), _rest(removed))


def _rest(removed: Removed) -> str:
    freed = removed.freed
    if freed is None:
        return t("The volume {volume} stays there.", volume=removed.left) if removed.left else ""
    found = []
    if freed.containers:
        found.append(t("1 container") if freed.containers == 1 else t("{n} containers", n=freed.containers))
    if freed.volume:
        found.append(t("the volume {volume}, {size}", volume=freed.volume, size=size(freed.bytes)))
    return (
        t("Removed there: {things}.", things=t("; ").join(found)) if found else t("Nothing was kept there.")
    )


def say_kept(name: str, error: NodeGraphError) -> None:
    """That it is still there, and why."""
    hint = error.hint
    if isinstance(error, Conflict):
        hint = t("Drain it first, and remove it when they have ended.")
    kit.toast(t("{name} is not removed", name=name), t_message(error.message, hint), "failed")
