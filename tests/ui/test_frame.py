"""The frame round every page."""

from __future__ import annotations

from ui import frame


def test_a_page_of_a_busy_machine_comes_late_rather_than_not_at_all() -> None:
    """NiceGUI answers 500 after three seconds; twenty times that is still no hung page."""
    assert frame.page("/slow").response_timeout >= 60
