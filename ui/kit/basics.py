"""Elements, text and icons. Text is always a text node: whatever it says, it is never markup."""

from __future__ import annotations

import re
from typing import Any

from nicegui.element import Element

# Control characters show nothing or do harm, and half a character (a lone surrogate) cannot travel as JSON.
_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# Quasar hides what has these classes on screens of other widths, and no rule of ours can win over that.
_RENAMED = {"xs": "is-xs", "sm": "is-sm", "lg": "is-lg"}


def showable(content: Any) -> str:
    """Anything as text that a page can show: what cannot be shown becomes a replacement character."""
    return _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", str(content))


def el(tag: str = "div", classes: str = "", /, **attributes: Any) -> Element:
    """An element. `data_action="run"` becomes the attribute `data-action`; None leaves an attribute out."""
    element = Element(tag)
    if classes:
        element.classes(" ".join(_RENAMED.get(name, name) for name in classes.split()))
    for name, value in attributes.items():
        if value is not None:
            shown = showable(value) if isinstance(value, str) else value
            element.props[name.rstrip("_").replace("_", "-")] = shown
    return element


def div(classes: str = "", /, **attributes: Any) -> Element:
    """A div with these classes."""
    return el("div", classes, **attributes)


def text(content: Any, classes: str = "", tag: str = "span", /, **attributes: Any) -> Element:
    """An element with nothing but this text in it."""
    element = el(tag, classes, **attributes)
    element._text = showable(content)  # what NiceGUI's own text elements do
    return element


def set_text(element: Element, content: Any) -> None:
    """Change what an element made by `text` says; nothing travels where it says that already."""
    if element._text != (shown := showable(content)):
        element._text = shown
        element.update()


def icon(name: str, size: str = "", /, **attributes: Any) -> Element:
    """An icon by its Lucide name; sizes: "" 16, "s" 14, "t" 12, "l" 18 pixels."""
    attributes.setdefault("aria_hidden", "true")
    return el("i", f"i i-{name} {size}", **attributes)


def link(content: Any, target: str, classes: str = "link", /, **attributes: Any) -> Element:
    """A link to a page of ours; `target` begins with a slash."""
    if not target.startswith("/") or target.startswith("//"):
        raise ValueError(f"{target!r} is no address of a page of ours")
    return text(content, classes, "a", href=target, **attributes)
