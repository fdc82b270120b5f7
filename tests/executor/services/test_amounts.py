"""Hours and money in words, on the command line and in the browser."""

from __future__ import annotations

import pytest

from executor.cli.summary import _used
from executor.services.amounts import hours, money
from executor.services.usage import Usage


@pytest.mark.parametrize(
    ("amount", "words"),
    [(0, ""), (5.9e-05, "< 0.01"), (0.1, "0.1"), (12.0, "12"), (200.0, "200"), (12345.6, "12,346")],
)
def test_hours_are_plain_numbers(amount: float, words: str) -> None:
    assert hours(amount) == words


def test_money_has_its_currency(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODEGRAPH_CURRENCY", "CNY")
    assert [money(0), money(0.0001), money(1234.5)] == ["", "< 0.01 CNY", "1,234.50 CNY"]


def test_the_command_line_tells_short_times_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NODEGRAPH_CURRENCY", raising=False)
    assert _used(Usage(cpu_hours=5.9e-05, cost=2e-06)) == "used 0.2 CPU seconds, cost < 0.01 USD"
    assert _used(Usage(cpu_hours=1e-06, gpu_hours=1.5)) == "used < 0.1 CPU seconds, 1.5 GPU hours"
