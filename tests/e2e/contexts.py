"""Browser contexts that one test after another uses: nothing stays in them but what pages are made of.

A page in a context of its own costs a new process, which fetches and compiles every script and sheet anew:
three times the work of a page where the browser has its files and a process already.
"""

from __future__ import annotations

import contextlib
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, CDPSession, Error, Page, Response

# Nothing moves for show: the processor draws every picture of it. Whoever tests a movement asks for it.
OPTIONS = {
    "viewport": {"width": 1440, "height": 900},
    "locale": "en-US",
    "reduced_motion": "reduce",
}
# A new page goes into the process of its context rather than into one or two new ones. Of two lists of
# features Chromium takes the last, so what Playwright switches off is here too.
_OFF = (
    "IsolateOrigins,site-per-process,SpareRendererForSitePerProcess,PreloadTopChromeWebUI,"
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,"
    "HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,"
    "AvoidCorsURLLoaderRestartOnRedirect,OptimizationHints,NetworkTimeServiceQuerying,PreconnectToSearch"
)
ONE_PROCESS = [
    "--renderer-process-limit=1",
    "--disable-site-isolation-trials",
    f"--disable-features={_OFF}",
]
# What Chromium says of requests under way when a network interface comes or goes.
NETWORK_CHANGED = "ERR_NETWORK_CHANGED"


class Contexts:
    """The contexts of a browser; each belongs to one page of a test at a time, with cookies of its own."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, list[_Context]] = {}
        self._taken: list[_Context] = []

    def open(self, **options: Any) -> Page:
        """A fresh page in a context that nobody else has; `options` are those of `new_context`."""
        free = self._free.setdefault(repr(sorted(options.items())), [])
        taken = free.pop() if free else _Context(self._browser, options, free)
        self._taken.append(taken)
        return _steadfast(taken.context.new_page())

    def release(self) -> None:
        """Close the pages, forget what they kept, and leave the contexts for the next test."""
        while self._taken:
            self._taken.pop().empty()


def _steadfast(page: Page) -> Page:
    """Let the page open an address again if a network changed meanwhile, as a browser with a window does."""
    once = page.goto

    def goto(url: str, **options: Any) -> Response | None:
        try:
            return once(url, **options)
        except Error as error:
            if NETWORK_CHANGED not in error.message:
                raise
            return once(url, **options)

    page.goto = goto  # type: ignore[method-assign]
    return page


class _Context:
    def __init__(self, browser: Browser, options: dict[str, Any], home: list[_Context]) -> None:
        self.context: BrowserContext = browser.new_context(**{**OPTIONS, **options})
        self.context.set_default_timeout(60_000)
        self._home = home
        # An empty page that stays open keeps the process alive.
        self._blank = self.context.new_page()
        self._devtools: CDPSession = self.context.new_cdp_session(self._blank)

    def empty(self) -> None:
        origins = set()
        for page in self.context.pages:
            if page is not self._blank:
                origins.add("{0.scheme}://{0.netloc}".format(urlsplit(page.url)))
                page.close()
        self.context.set_offline(False)
        self.context.clear_cookies()
        for origin in origins:
            with contextlib.suppress(Error):  # such as that of an empty page, which has none
                self._devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        self._home.append(self)
