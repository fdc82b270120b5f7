"""A button that puts a text on the clipboard."""

from __future__ import annotations

from nicegui.element import Element

from ui.i18n import t
from ui.kit.basics import showable


class CopyButton(Element, component="copying.js"):
    """Says for a moment that it is done."""


def copy_button(content: str, label: str = "", *, tip: str | None = None) -> CopyButton:
    """A button that copies `content`; without a label a square one whose `tip` names it."""
    made = CopyButton()
    made.props["text"], made.props["label"] = showable(content), label
    made.props["done_label"], made.props["tip"] = t("Copied"), tip or (None if label else t("Copy"))
    return made
