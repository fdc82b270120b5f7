"""Notifications speak the language that is set for them, in the words of the pages."""

from __future__ import annotations

from typing import Any

from executor.services.notification_text import Words
from ui.i18n import Language, speaking, t, t_message
from ui.results.units import duration


def words_of(language: str) -> Words:
    """The words of a language."""
    chosen: Language = "zh" if language == "zh" else "en"

    def said(text: str, /, **values: Any) -> str:
        with speaking(chosen):
            return t(text, **values)

    def message(*sentences: str) -> str:
        with speaking(chosen):
            return t_message(*sentences)

    def lasted(seconds: float | None) -> str:
        with speaking(chosen):
            return duration(seconds)

    return Words(said, message, lasted)
