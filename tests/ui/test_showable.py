"""Whatever a model, a log or a file says can be sent to a page and shown there."""

from __future__ import annotations

import json

import pytest

from ui.kit import showable


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("<b>你好</b> 🙂", "<b>你好</b> 🙂"),
        ("nul\x00 escape\x1b[31m", "nul� escape�[31m"),
        ("half a character \ud83d", "half a character �"),
        (7, "7"),
    ],
)
def test_what_cannot_be_shown_is_replaced(said, shown):
    assert showable(said) == shown
    json.dumps(showable(said)).encode()
    showable(said).encode()
