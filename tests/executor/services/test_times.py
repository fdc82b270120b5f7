"""Times at which runs are to start, as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from executor.services.times import next_time

NOW = datetime(2026, 11, 21, 14, 30)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("22:00", datetime(2026, 11, 21, 22, 0)),
        ("9:15", datetime(2026, 11, 22, 9, 15)),
        ("14:30", datetime(2026, 11, 22, 14, 30)),
        ("2026-11-30 08:00", datetime(2026, 11, 30, 8, 0)),
        ("2026-12-01", datetime(2026, 12, 1)),
        ("+30m", datetime(2026, 11, 21, 15, 0)),
        ("2026-12-01T08:00+00:00", datetime(2026, 12, 1, 8, 0, tzinfo=UTC)),
    ],
)
def test_a_time_is_the_next_one_of_that_name(text: str, when: datetime) -> None:
    assert next_time(text, NOW) == when.timestamp()


@pytest.mark.parametrize("text", ["", "soon", "25:00", "22:00:00:00", "+3 weeks", "2026-11-20 08:00"])
def test_what_is_no_time_or_over_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        next_time(text, NOW)
