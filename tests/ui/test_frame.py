"""The frame round every page."""

from __future__ import annotations

from ui import frame


def test_a_page_of_a_busy_machine_comes_late_rather_than_not_at_all() -> None:
    """NiceGUI answers 500 after three seconds; twenty times that is still no hung page."""
    assert frame.page("/slow").response_timeout >= 60


def test_a_page_waits_longer_for_its_network_than_browsers_between_two_tries() -> None:
    """They try again every five seconds at most; what was done meanwhile is lost with the page."""
    assert (frame.page("/away").reconnect_timeout or 0) >= 20
