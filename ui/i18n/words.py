"""Says a text in the language of whoever looks at it: that of the page at work, or one set for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from nicegui import context

from ui.i18n.catalogue import Language, entries, find, in_a_row

_for_a_while: ContextVar[Language | None] = ContextVar("language", default=None)
_KEY = "nodegraph_language"


def language() -> Language:
    """The reader's language: English where no page is at work and none was set."""
    chosen = _for_a_while.get()
    if chosen is not None:
        return chosen
    found: Language = context.client.storage.get(_KEY, "en") if context.slot_stack else "en"
    return found


def use_language(chosen: Language) -> None:
    """Speak this language on the page at work from now on; what is shown already stays as it is."""
    context.client.storage[_KEY] = chosen


@contextmanager
def speaking(chosen: Language) -> Iterator[None]:
    """Speak a language inside a `with`, with or without a page."""
    token = _for_a_while.set(chosen)
    try:
        yield
    finally:
        _for_a_while.reset(token)


def t(text: str, /, **values: Any) -> str:
    """Our own text in the reader's language, its `{names}` filled in; English where there is no other."""
    found = entries(language()).get(text, text)
    return found.format(**values) if values else found


def t_message(*sentences: str) -> str:
    """Finished English sentences of core, engine or a node, one after the other, in the reader's language.

    What is not known stays as it is.
    """
    chosen = language()
    said = [sentence for sentence in sentences if sentence]
    if chosen != "en":
        said = [find(chosen, sentence) or sentence for sentence in said]
    said = [*map(_ended, said[:-1]), *said[-1:]]
    return " ".join(said) if chosen == "en" else in_a_row(said)


def _ended(sentence: str) -> str:
    """With a full stop, where what follows would run into it: “ValueError: foo” ends with none."""
    if not sentence[-1].isalnum() and sentence[-1] not in ")]}\"'":
        return sentence
    return sentence + ("。" if "\u4e00" <= sentence[-1] <= "\u9fff" else ".")
