"""Waiting until a page is all there: Playwright's `networkidle` knows nothing of what comes by websocket."""

from __future__ import annotations

from playwright.sync_api import Page

# Half a second without a change; twenty seconds at most, since some pages count time.
_QUIET = """() => new Promise((resolve) => {
  const quiet = () => { observer.disconnect(); resolve(); };
  let timer = setTimeout(quiet, 500);
  const observer = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(quiet, 500); });
  observer.observe(document, { subtree: true, childList: true, characterData: true });
  setTimeout(quiet, 20_000);
})"""


def settle(page: Page) -> None:
    """Wait until a page speaks to its server and changes no more."""
    page.wait_for_function("window.did_handshake")
    page.evaluate(_QUIET)
