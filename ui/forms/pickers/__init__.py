"""Dialogs that choose the value of a field: datasets, files, models, secrets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ui.forms.pickers.datasets import choose_dataset
from ui.forms.pickers.models import choose_model
from ui.forms.pickers.secrets import add_secret
from ui.site import Site

__all__ = ["add_secret", "choose_dataset", "choose_model", "open_picker"]


def open_picker(site: Site, widget: str, value: Any, choose: Callable[[Any], Any]) -> Any:
    """Open the dialog of a widget; `choose` hears of the value that was chosen."""
    now = value if isinstance(value, str) else ""
    if widget in ("dataset", "path"):
        return choose_dataset(site, now, choose)
    if widget == "model":
        return choose_model(site, now, choose)
    return add_secret(site, choose, name=now)
