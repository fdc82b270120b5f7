"""Whose work is in NodeGraph is said on the settings page, with the licence that came with it."""

from __future__ import annotations

import pytest

from ui.assets import VENDOR
from ui.settings.about import BORROWED, Borrowed, licence_text


def test_everything_that_was_put_together_at_install_is_named() -> None:
    there = {path.parent.name for path in VENDOR.glob("*/LICENSE")}
    assert there == {part.folder for part in BORROWED}


@pytest.mark.parametrize("part", BORROWED, ids=lambda part: part.folder)
def test_a_licence_is_the_one_that_is_named(part: Borrowed) -> None:
    text = licence_text(part)
    said = {
        "OFL 1.1": "SIL Open Font License, Version 1.1",
        "ISC": "ISC License",
        "MIT": "Permission is hereby granted",
    }
    assert said[part.licence].lower() in text.lower()
    assert "Copyright" in text
