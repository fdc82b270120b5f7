"""The menu at the pointer: of a node, of what else is on the canvas, or of the canvas itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from executor.services.views import RunView
from ui import kit
from ui.editor import clipboard
from ui.editor.intents import Intents
from ui.editor.session import Session
from ui.i18n import t


def open_menu(session: Session, intents: Intents, run: Callable[..., Any], detail: Mapping[str, Any]) -> None:
    """Open it where the pointer is, while the pipeline is edited."""
    name = str(detail.get("id") or "")
    if name in session.document.pipeline.nodes:
        _open(session, _node(session, intents, run, name), detail)
    else:
        _open(session, _thing(session, name) if name else _ground(intents, detail), detail)


def open_run_menu(
    session: Session, shown: RunView, rerun: Callable[[str], Any], detail: Mapping[str, Any]
) -> None:
    """Open it over a node of a run that has ended."""
    name = str(detail.get("id") or "")
    if name in shown.nodes:
        _open(session, [kit.Entry(t("Retry from here"), lambda: rerun(name), "rotate-ccw", "retry")], detail)


def _open(session: Session, entries: list[kit.Entry | None], detail: Mapping[str, Any]) -> None:
    left, top = (round(float(detail.get(key, 0))) for key in ("client_x", "client_y"))
    with session.where:
        anchor = kit.div("menu-anchor").style(f"left: {left}px; top: {top}px")
    with anchor:
        menu = kit.menu(entries)
        menu.on("hide", anchor.delete, [])
        menu.open()


def _node(session: Session, intents: Intents, run: Callable[..., Any], name: str) -> list[kit.Entry | None]:
    document = session.document
    enabled = document.pipeline.nodes[name].enabled
    ids = session.selected if name in session.selected else [name]
    entries: list[kit.Entry | None] = [
        kit.Entry(t("Run to here"), lambda: run(until=name), "target", "run-to-here"),
        kit.Entry(t("Run from here"), lambda: run(from_node=name), "arrow-right", "run-from-here"),
    ]
    return [
        *entries,
        None,
        kit.Entry(t("Copy"), lambda: clipboard.copy(session, ids), "copy", "copy", "Ctrl C"),
        kit.Entry(t("Duplicate"), lambda: intents.duplicate(ids), "copy-plus", "duplicate", "Ctrl D"),
        kit.Entry(
            t("Disable") if enabled else t("Enable"), lambda: document.set_enabled(ids, not enabled),
            "eye-off" if enabled else "eye", "disable" if enabled else "enable",
        ),
        kit.Entry(t("Disconnect"), lambda: document.disconnect(ids), "unplug", "disconnect"),
        None,
        kit.Entry(t("Delete"), lambda: document.remove(ids), "trash-2", "delete", "Delete", danger=True),
    ]  # fmt: skip


def _thing(session: Session, name: str) -> list[kit.Entry | None]:
    return [
        kit.Entry(
            t("Delete"), lambda: session.document.remove([name]), "trash-2", "delete", "Delete", danger=True
        )
    ]


def _ground(intents: Intents, detail: Mapping[str, Any]) -> list[kit.Entry | None]:
    place = {"x": detail["x"], "y": detail["y"]}
    return [
        kit.Entry(t("Paste"), lambda: intents("paste", place), "clipboard-paste", "paste", "Ctrl V"),
        kit.Entry(t("Add a note"), lambda: intents("note", place), "sticky-note", "note", "N"),
        kit.Entry(t("Arrange"), intents.arrange, "workflow", "arrange", "Shift A"),
    ]
