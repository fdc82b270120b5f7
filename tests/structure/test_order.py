"""The order in which test files start names files that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.order import LONGEST

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("start", LONGEST)
def test_there_are_tests_of_this_name(start: str) -> None:
    assert list(ROOT.glob(f"{start}*.py")) or list(ROOT.glob(f"{start}**/test_*.py"))
