"""A page that misses one of its files while it opens loads itself again; nobody has to find out how."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.canvas.hand import Canvas
from tests.executor.support import until


@pytest.fixture(autouse=True)
def known_errors(allowed_errors: list[str]) -> None:
    allowed_errors.append("ERR_CONNECTION_RESET|dynamically imported module|status of 404")
    # What other scripts say where Quasar, or Vue, is missing.
    allowed_errors.append("Quasar is not defined|reading 'Lang'|'window.Vue' as it is undefined")


def cut_off(page: Page, file: str, times: int) -> list[str]:
    """Have the first requests for a file fail; the list grows with every request for it."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) <= times:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(file, answer)
    return asked


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(
    "file", ["**/pointer.js", "**/canvas.js", "**/vue.esm-browser.prod.js", "**/quasar.umd.prod.js"]
)
def test_a_canvas_comes_up_although_a_script_failed(canvas: Canvas, file: str, times: int) -> None:
    asked = cut_off(canvas.page, file, times)
    canvas.open()
    assert len(asked) > times
    expect(canvas.node("raw")).to_be_visible()


def test_a_style_sheet_that_failed_comes_too(canvas: Canvas) -> None:
    asked = cut_off(canvas.page, "**/all.css?*", 1)
    canvas.open()
    until(lambda: canvas.page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--s3')"))
    assert len(asked) == 2


def test_it_ends_where_a_script_never_comes(canvas: Canvas) -> None:
    page = canvas.page
    cut_off(page, "**/pointer.js", 1000)
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    page.goto(canvas.address)
    for _ in range(600):
        if len(loads) >= 3:
            break
        page.wait_for_timeout(100)
    page.wait_for_timeout(2000)  # twice what it waits before the second time
    assert len(loads) == 3


def test_whoever_has_begun_to_work_keeps_the_page(canvas: Canvas) -> None:
    page = canvas.open().page
    page.evaluate("window.kept = true")
    page.keyboard.press("Shift")
    page.evaluate("() => { import('/no-such-module.js') }")
    with page.expect_event("pageerror"):
        page.evaluate("() => { import('/no-such-module-either.js') }")
    page.wait_for_timeout(500)
    assert page.evaluate("window.kept")


def test_what_is_fetched_later_comes_again_too_if_nobody_has_begun(canvas: Canvas) -> None:
    page = canvas.open().page
    with page.expect_navigation():
        page.evaluate("() => { import('/no-such-module.js') }")
    expect(page.locator("[data-canvas][data-ready]")).to_be_visible()
