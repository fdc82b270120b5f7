"""The canvas by itself in a browser: the server of `tests.ui.canvas.site`, and a hand on its page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.e2e.canvas.hand import Canvas
from tests.ui.canvas.serving import serving


@pytest.fixture(scope="package")
def address() -> Iterator[str]:
    with serving() as found:
        yield found


@pytest.fixture
def canvas(page: Page, address: str) -> Canvas:
    return Canvas(page, address)
