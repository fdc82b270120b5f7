"""What the page says of when a service was used and when it ends."""

from __future__ import annotations

import time
from typing import Any

import pytest

from executor.services.deployments import Live
from ui.i18n import speaking
from ui.serving.facts import times

NOW = time.mktime((2026, 3, 4, 15, 0, 0, 0, 0, -1))


def live(**fields: Any) -> Live:
    given = {
        "name": "support", "state": "healthy", "reason": "", "base_url": "http://127.0.0.1:8100/v1",
        "port": 8100, "model": "/models/one", "chat": True, "api_key": None, "digest": "d", "run_id": None,
        "node": None, "pid": 1, "created": NOW - 3600, "started": NOW - 3600, "stopped": None,
        "last_used": None, "directory": "/services/support",
    }  # fmt: skip
    return Live(**{**given, **fields})


@pytest.mark.parametrize(
    ("service", "fact"),
    [
        (live(), ("Started", "today 14:00")),
        (live(), ("Last used", "not yet")),
        (live(last_used=NOW - 600), ("Last used", "today 14:50")),
        (live(limits={"idle_minutes": 90}), ("Stops if idle for", "1 h 30 min")),
        (live(limits={"idle_minutes": 0}), ("Stops if idle for", "never")),
        (live(limits={"lifetime_hours": 0}), ("Ends", "when it is stopped")),
        (live(limits={"lifetime_hours": 2}), ("Ends", "today 16:00")),
        (live(state="stopped", stopped=NOW - 60), ("Ended", "today 14:59")),
    ],
)
def test_times(service, fact):
    assert fact in times(service, NOW)


def test_what_has_ended_will_not_end():
    assert "Ends" not in dict(times(live(state="failed", stopped=NOW), NOW))


def test_in_chinese():
    with speaking("zh"):
        assert ("上次使用", "尚未使用") in times(live(), NOW)
