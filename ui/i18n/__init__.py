"""Words in the reader's language: `t` for our own texts, `t_message` for sentences of core, engine, nodes."""

from ui.i18n.catalogue import LANGUAGES, OWN_NAMES, Language
from ui.i18n.words import language, speaking, t, t_message, use_language

__all__ = ["LANGUAGES", "OWN_NAMES", "Language", "language", "speaking", "t", "t_message", "use_language"]
