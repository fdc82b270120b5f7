"""Every text that the interface itself says has its Chinese, and so have the titles of previews."""

from __future__ import annotations

from collections.abc import Iterable

from tests.ui.i18n.own_texts import texts_of_ui, titles_of_previews
from tests.ui.i18n.sentences import Text
from ui.i18n.catalogue import entries


def test_the_interface_is_translated() -> None:
    assert _without_entry(texts_of_ui()) == {}


def test_titles_of_previews_are_translated() -> None:
    assert _without_entry(titles_of_previews()) == {}


def _without_entry(texts: Iterable[Text]) -> dict[str, str]:
    known = entries("zh")
    return {text.sample: text.place for text in texts if text.sample not in known}
