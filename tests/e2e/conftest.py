"""A running editor and a real browser.

`editor` serves the real node types, one server for each test file. `page` is a fresh page of the browser; the
test fails where its scripts do, and leaves a screenshot in its temporary directory where it fails at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.e2e.contexts import NETWORK_CHANGED, ONE_PROCESS, Contexts
from tests.e2e.editors import Editor, open_editor

_REPORT = pytest.StashKey[pytest.TestReport]()

# Two shared cores train and draw at once.
expect.set_options(timeout=40_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that use a page need a browser."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Keep what became of the test for the fixtures."""
    report = yield
    if report.when == "call":
        item.stash[_REPORT] = report
    return report


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor with the real node types and nothing in its data directory."""
    with open_editor(tmp_path_factory.mktemp("editor") / "data") as opened:
        yield opened


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """A browser for each test file: while one is open, no other event loop runs in this thread."""
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", *ONE_PROCESS]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def contexts(browser: Browser) -> Contexts:
    """Where pages come from."""
    return Contexts(browser)


@pytest.fixture
def allowed_errors() -> list[str]:
    """Patterns of errors in the browser's console that a test brings about on purpose."""
    return []


@pytest.fixture
def new_page(
    contexts: Contexts, allowed_errors: list[str], request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[..., Page]]:
    """Opens a page as in a browser of its own; takes the options of Playwright's `new_context`."""
    opened: list[Page] = []
    errors: list[str] = []

    def noted(message: ConsoleMessage) -> None:
        # Networks of containers come and go beside the tests. A page that misses a file by that opens again,
        # as canvas/test_reopening.py proves.
        if message.type == "error" and NETWORK_CHANGED not in message.text:
            errors.append(f"{message.text} ({message.location.get('url', '')})")

    def make(**options: Any) -> Page:
        page = contexts.open(**options)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", noted)
        opened.append(page)
        return page

    yield make
    report = request.node.stash.get(_REPORT, None)
    for number, page in enumerate(opened, 1):
        if report is not None and report.failed and not page.is_closed():
            page.screenshot(path=tmp_path / f"failed-{number}.png")
    contexts.release()
    unexpected = [text for text in errors if not any(re.search(known, text) for known in allowed_errors)]
    assert not unexpected, unexpected


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A fresh page, 1440 by 900, in English."""
    return new_page()
