"""Numbers as people read them."""

from __future__ import annotations

import time

import pytest

from ui.i18n import speaking
from ui.results.units import duration, moment, number, size


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(None, ""), (0.04, "< 0.1 s"), (0.06, "0.1 s"), (9.4, "9.4 s"), (21, "21 s"), (59.6, "1 min 0 s"),
     (200, "3 min 20 s"), (1440, "24 min"),
     (4320, "1 h 12 min"), (7200, "2 h"), (86400, "1 d"), (183600, "2 d 3 h")],
)  # fmt: skip
def test_durations(seconds, shown):
    assert duration(seconds) == shown


def test_durations_in_chinese():
    with speaking("zh"):
        assert duration(4320) == "1 小时 12 分"


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0 B"), (640, "640 B"), (8_600_000, "8.6 MB"), (161e6, "161 MB"), (15.2e9, "15.2 GB")],
)
def test_sizes(count, shown):
    assert size(count) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(12480, "12,480"), (0.43121, "0.4312"), (True, "True"), (None, ""), (3.0, "3"), (2e-4, "0.0002")],
)
def test_numbers(value, shown):
    assert number(value) == shown


def test_where_there_is_little_room_numbers_are_shorter():
    assert number(0.00042561, digits=3) == "0.000426"


def test_moments():
    now = time.mktime((2026, 11, 21, 12, 0, 0, 0, 0, -1))
    assert moment(now - 3600, now) == "today 11:00"
    assert moment(now - 2 * 86400, now) == "Thu 12:00"
    assert moment(now - 20 * 86400, now) == "11-01 12:00"
    assert moment(now - 400 * 86400, now).startswith("2025-")
