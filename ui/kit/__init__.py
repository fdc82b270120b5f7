"""The small parts that pages are made of, in NodeGraph's own look (see ui/styles)."""

from ui.kit.basics import div, el, icon, link, set_text, showable, text
from ui.kit.buttons import button, segmented, split_button
from ui.kit.copying import copy_button
from ui.kit.dialogs import confirm, dialog, submit_on_enter
from ui.kit.menus import Entry, menu
from ui.kit.search import search
from ui.kit.states import STATE_ICONS, chip, count, empty, message, progress_bar, skeleton, tag
from ui.kit.tables import row, table
from ui.kit.tabs import tabs
from ui.kit.toasts import toast

__all__ = [
    "STATE_ICONS", "Entry", "button", "chip", "confirm", "copy_button", "count", "dialog", "div", "el",
    "empty", "icon", "link", "menu", "message", "progress_bar", "row", "search", "segmented", "set_text",
    "showable", "skeleton", "split_button", "submit_on_enter", "table", "tabs", "tag", "text", "toast",
]  # fmt: skip
