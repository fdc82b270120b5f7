"""Toasts: a short word in the corner on what has just happened. Failures stay until they are closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from nicegui import context, ui

from ui.i18n import t
from ui.kit.basics import div, icon, text
from ui.kit.buttons import button
from ui.kit.handlers import lasting

_KEY = "nodegraph_toasts"
_SECONDS = 5.0
_LOOK = {"done": ("succeeded", "circle-check"), "note": ("queued", "info"), "failed": ("failed", "octagon-x")}


def toast(
    title: str,
    sentence: str = "",
    kind: Literal["done", "note", "failed"] = "done",
    *,
    label: str = "",
    on_click: Callable[[], Any] | None = None,
    action: str | None = None,
) -> None:
    """Show a toast on the page at work; `label` adds a button such as Undo or Open."""
    state, glyph = _LOOK[kind]
    with (
        _corner(),
        div(
            "toast", data_state=state, data_toast=kind, role="alert" if kind == "failed" else "status"
        ) as made,
    ):

        def close() -> None:
            if not made.is_deleted:
                made.delete()

        def act() -> Any:
            close()
            return on_click() if on_click else None

        icon(glyph, "s stx")
        with div("grow"):
            text(title, "", "b")
            if sentence:
                text(sentence, "sub", "p")
        if label:
            text(label, "link", "button", type="button", data_action=action).on("click", lasting(act), [])
        button("", close, kind="ghost", size="mini", glyph="x", tip=t("Close"), action="close-toast")
        if kind != "failed":
            ui.timer(_SECONDS, close, once=True)


def _corner() -> Any:
    client = context.client
    corner = client.storage.get(_KEY)
    if corner is None or corner.is_deleted:
        with client.layout:
            corner = div("toasts", aria_live="polite")
        client.storage[_KEY] = corner
    return corner
