"""What was used, in words."""

from __future__ import annotations

import pytest

from executor.services.usage import Usage
from ui.results.usage import host_name, usage_facts


def test_what_was_not_used_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODEGRAPH_CURRENCY", "CNY")
    assert usage_facts(Usage()) == {}
    assert usage_facts(Usage(cpu_hours=1.254, memory_gb_hours=0.001, cost=1234.5)) == {
        "CPU hours": "1.25",
        "Memory, GB hours": "< 0.01",
        "Cost": "1,234.50 CNY",
    }


def test_this_machine_is_called_that() -> None:
    assert [host_name("local"), host_name("gpu-1"), host_name("")] == ["this machine", "gpu-1", ""]
