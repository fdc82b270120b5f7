"""Dialogs: a title, a body, buttons at the foot. Escape and a click beside it close it.

The cursor begins in the first line of a dialog; where there is none, on the first button at its foot.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nicegui import context, ui
from nicegui.element import Element

from ui.i18n import t
from ui.kit.basics import div, el, text
from ui.kit.buttons import button

_ON_SHOW = """() => {
  const box = [...document.querySelectorAll(".dialog")].at(-1);
  const at = document.activeElement;
  if (!box || (box.contains(at) && at.matches("input, textarea"))) return;
  const lines = "input[type=text], input[type=search], input[type=password], textarea";
  const first = box.querySelector(`.dbody :is(${lines}):not([readonly])`);
  (first ?? box.querySelector("footer .btn:not(:disabled)"))?.focus();
}"""
_ON_ENTER = """(event) => {
  if (event.key !== "Enter" || event.isComposing || event.defaultPrevented) return;
  if (event.target.matches("input") && event.target.closest(%s)) emit();
}"""


@dataclass(frozen=True)
class Dialog:
    """An open dialog: fill `body` and `foot`, close it when done."""

    frame: ui.dialog
    body: Element
    foot: Element

    def close(self) -> None:
        """Close and remove it."""
        self.frame.close()


@contextmanager
def dialog(
    title: str, *, width: int = 480, name: str | None = None, persistent: bool = False
) -> Iterator[Dialog]:
    """Open a dialog; inside the `with` one is in its body. `name` becomes `data-dialog`."""
    # Not a part of what it was opened from, which may be drawn anew meanwhile.
    with context.client.layout:
        frame = ui.dialog()
    frame.on("hide", frame.delete, [])
    frame.on("show", js_handler=_ON_SHOW)
    if persistent:
        frame.props("persistent")
    with frame, div("dialog", data_dialog=name, role="dialog", aria_label=title) as box:
        box.style(f"width: {width}px")
        with el("header"):
            text(title, "grow", "h2")
            button("", frame.close, kind="ghost", size="mini", glyph="x", tip=t("Close"), action="close")
        body = div("dbody")
        foot = el("footer")
    frame.open()
    with body:
        yield Dialog(frame, body, foot)


def submit_on_enter(body: Element, submit: Callable[[], Any], *fields: str) -> None:
    """Enter in one of these fields of a dialog does what its primary button does."""
    places = json.dumps(", ".join(f"[data-param={field}]" for field in fields))
    body.on("keydown", lambda _: submit(), js_handler=_ON_ENTER % places)


def confirm(
    title: str, sentence: str, *, yes: str, no: str, on_yes: Callable[[], Any], name: str, danger: bool = True
) -> None:
    """Ask before something that cannot be taken back; `yes` and `no` are the verbs of the two buttons."""
    with dialog(title, name=name, width=460) as asked:
        text(sentence, "sub", "p")

        def agreed() -> Any:
            asked.close()
            return on_yes()

        with asked.foot:
            div("grow")
            button(no, asked.close, action="keep")
            button(yes, agreed, kind="danger" if danger else "primary", action="confirm")
