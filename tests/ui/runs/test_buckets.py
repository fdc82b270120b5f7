"""Runs over time: spans that fit what there is."""

from __future__ import annotations

import time

from executor.services.statistics import RunPoint
from ui.runs import charts
from ui.runs.buckets import buckets, outcome

NOON = time.mktime((2026, 11, 20, 12, 0, 0, 0, 0, -1))


def point(
    created: float, state: str = "succeeded", seconds: float | None = 30.0, cached: bool = False
) -> RunPoint:
    return RunPoint(1, "p", state, created, seconds, cached)


def test_a_first_hour_is_shown_in_minutes_and_months_in_weeks() -> None:
    hour = buckets([point(NOON), point(NOON + 1700)], now=NOON + 1800)
    assert [bucket.label for bucket in hour][:2] == ["12:00", "12:01"]
    assert sum(len(bucket.runs) for bucket in hour) == 2
    days = buckets([point(NOON - 20 * 86400), point(NOON)], now=NOON)
    assert [len(bucket.runs) for bucket in days] == [1, *[0] * 19, 1]
    assert days[0].label == "10-31" and days[-1].label == "11-20"
    year = buckets([point(NOON - 360 * 86400)], now=NOON)
    assert len(year) <= 36
    assert buckets([]) == []


def test_names_of_spans_tell_them_apart() -> None:
    for length in (60, 3600, 30 * 3600, 5 * 86400, 300 * 86400):
        labels = [bucket.label for bucket in buckets([point(NOON - length)], now=NOON)]
        assert len(set(labels)) == len(labels) <= 36, length


def test_a_run_that_found_all_in_the_cache_counts_apart() -> None:
    assert outcome(point(0, cached=True)) == "cached"
    found = buckets([point(NOON, cached=True), point(NOON, "failed"), point(NOON, "cancelled")], now=NOON)
    assert [found[0].count(state) for state in ("succeeded", "cached", "failed", "cancelled")] == [0, 1, 1, 1]


def test_charts_say_shares_and_medians() -> None:
    points = [
        point(NOON, seconds=10),
        point(NOON, seconds=30),
        point(NOON, "failed", 5),
        point(NOON, "running", None),
    ]
    found = buckets(points, now=NOON)
    ends = charts.ends(found)["data"]
    assert [(trace["name"], trace["y"]) for trace in ends] == [
        ("succeeded", [2]), ("failed", [1]), ("success rate, %", [66.7])
    ]  # fmt: skip
    took = charts.durations(found)["data"]
    assert [(trace["name"], trace["y"]) for trace in took] == [
        ("succeeded", [10.0, 30.0]), ("failed", [5.0]), ("median", [20.0])
    ]  # fmt: skip


def test_a_few_runs_are_counted_in_whole_steps() -> None:
    few = charts.ends(buckets([point(NOON)], now=NOON))["layout"]["yaxis"]
    many = charts.ends(buckets([point(NOON)] * 9, now=NOON))["layout"]["yaxis"]
    assert few["dtick"] == 1 and "dtick" not in many
