"""Which test files start first: the longest, since a run is as long as whatever was started last.

By itself xdist starts the files with the most tests first, and those that train for minutes have few.
"""

from __future__ import annotations

import pytest

# Beginnings of paths: a folder, a file, or several of one beginning; the longest first.
LONGEST = (
    "tests/templates/test_templates",
    "tests/e2e/test_journey",
    "tests/executor/docker/test_far",
    "tests/chaos/",
    "tests/e2e/test_services",
    "tests/e2e/test_language",
    "tests/e2e/test_runs_pages",
    "tests/e2e/test_form_typing",
    "tests/e2e/editor/",
    "tests/executor/deployments/",
    "tests/e2e/test_forms",
    "tests/e2e/test_markup",
    "tests/nodes/deploy/",
    "tests/executor/",
    "tests/e2e/",
    "tests/nodes/train/",
    "tests/nodes/quantize/",
)


def keep_order(config: pytest.Config) -> None:
    """Have xdist start the files in the order in which tests are collected."""
    config.option.loadscopereorder = False


def longest_first(items: list[pytest.Item]) -> None:
    """Sort tests by their file's place above; within a file, and elsewhere, they stay as they are."""
    items.sort(key=lambda item: _place(item.nodeid))


def _place(nodeid: str) -> int:
    return next((n for n, start in enumerate(LONGEST) if nodeid.startswith(start)), len(LONGEST))
