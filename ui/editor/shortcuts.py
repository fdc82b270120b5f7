"""The keys that the editor knows, for its help."""

from __future__ import annotations

from ui import kit
from ui.i18n import t

KEYS = {
    "Canvas": {
        "Del": "Delete what is selected",
        "Ctrl Z": "Undo",
        "Ctrl Shift Z": "Redo",
        "Ctrl C, Ctrl X, Ctrl V": "Copy, cut, paste",
        "Ctrl D": "Duplicate",
        "Ctrl A": "Select all",
        "Shift drag": "Select many",
        "Arrow keys": "Move what is selected",
        "Tab": "Next node",
        "F": "Show the whole graph",
        "+, −": "Zoom",
        "Space drag": "Move the canvas",
    },
    "Pipeline": {
        "Ctrl Enter": "Run",
        "Ctrl S": "Save a version",
        "/": "Search nodes",
        "?": "Show the keys",
        "Esc": "Close, or select nothing",
    },
}


def show_keys() -> None:
    """A dialog with all keys."""
    with kit.dialog(t("Keys"), name="keys", width=560), kit.div("keys"):
        for title, keys in KEYS.items():
            with kit.div("col"):
                kit.text(t(title), "", "h3")
                for key, meaning in keys.items():
                    with kit.div("row"):
                        kit.text(t(meaning), "grow sm")
                        kit.text(t(key), "", "kbd")
