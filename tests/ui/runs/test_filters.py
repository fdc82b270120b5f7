"""Filters: from the page's address and back, and as conditions for the service."""

from __future__ import annotations

from ui.runs.filters import Filters


def test_an_address_gives_the_same_filters_again() -> None:
    filters = Filters.of(days="7", state="failed", trigger="api", pipeline="a-b", search="客服 & co")
    assert filters.address == (
        "/runs?days=7&pipeline=a-b&state=failed&trigger=api&search=%E5%AE%A2%E6%9C%8D+%26+co"
    )
    assert Filters().address == "/runs"


def test_what_is_no_choice_is_left_out() -> None:
    filters = Filters.of(days="12", state="<b>", trigger="x", search="x" * 999)
    assert (filters.days, filters.state, filters.trigger, len(filters.search)) == ("30", "", "", 200)


def test_days_become_a_stretch_of_time_and_the_one_before_it() -> None:
    filters = Filters(days="7", state="failed")
    day = 86400
    assert filters.wanted(100 * day)["since"] == 93 * day and filters.wanted()["state"] == "failed"
    before = filters.wider(100 * day, back=1)
    assert (before["since"], before["until"]) == (86 * day, 93 * day) and "state" not in before
    assert "since" not in Filters(days="all").wanted()
