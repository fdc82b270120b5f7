"""The canvas's own words, in the reader's language."""

from __future__ import annotations

from ui.i18n import t


def canvas_words() -> dict[str, str]:
    """What its buttons, ports and parts are called."""
    return {
        "canvas": t("Canvas"),
        "input": t("Input"),
        "output": t("Output"),
        "zoom_in": t("Zoom in"),
        "zoom_out": t("Zoom out"),
        "actual_size": t("Actual size"),
        "fit": t("Fit to window"),
        "lock": t("Lock positions"),
        "unlock": t("Unlock positions"),
        "map": t("Minimap"),
        "resize": t("Resize"),
        "note": t("Note"),
        "frame": t("Frame"),
        "empty_note": t("Double-click to write"),
    }
