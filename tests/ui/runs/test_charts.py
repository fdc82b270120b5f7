"""The chart of what runs have cost."""

from __future__ import annotations

import pytest

from executor.services.statistics import RunPoint
from ui.runs.buckets import Bucket
from ui.runs.charts import spent


@pytest.mark.parametrize(
    ("cost", "form"), [(0.0001, ",.5f"), (0.04, ",.3f"), (1.5, ",.2f"), (25000.0, ",.2f")]
)
def test_costs_are_written_out_with_enough_digits(cost: float, form: str) -> None:
    """Not as 100µ, as which an axis would show a hundredth of a cent."""
    run = RunPoint(1, "p", "succeeded", 0.0, 30.0, False, cost=cost)
    found = spent([Bucket("12:00", [run]), Bucket("12:01")])
    assert found is not None
    _, figure = found
    assert figure["layout"]["yaxis"]["tickformat"] == form
    assert figure["data"][0]["y"] == [cost, 0]
