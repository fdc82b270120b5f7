"""Tells pages what happens in the runs that they watch, at most ten times a second."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nicegui import context, run

from executor.services.runs import Update
from executor.services.workspace import Workspace
from ui.live.feed import Change, Feed

_EVERY = 0.1
_LOOK = 0.5
_log = logging.getLogger(__name__)


@dataclass
class Watch:
    """Somebody watching; closed with the page, or before."""

    feed: Feed
    close: Callable[[], None]


@dataclass
class _Turn:
    """Whether a round of telling is due, and whether one is going on."""

    due: bool = False
    busy: bool = False
    states: bool = False


class Live:
    """Feeds of runs, shared by all pages; nothing is asked of the engine while nobody watches."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._feeds: dict[int, Feed] = {}
        self._list_listeners: list[Callable[[], Any]] = []
        self._turn = _Turn()
        self._thread: threading.Thread | None = None

    async def watch(self, run_id: int, listener: Callable[[Change], Any]) -> Watch:
        """Call `listener` for every change of a run, until closed or the page at work goes; NotFound."""
        client = context.client
        self._listen()
        feed = self._feeds.get(run_id)
        if feed is None:
            opened = await run.io_bound(self._open, run_id)
            if opened is None:
                raise asyncio.CancelledError  # the server ends
            feed = self._feeds.setdefault(run_id, opened)
            # What happened while it was read was not kept: look once more.
            feed.add([Update("missed", run_id)])
            self._schedule()
        feed.listeners.append(listener)

        def close() -> None:
            if listener in feed.listeners:
                feed.listeners.remove(listener)
            if not feed.listeners:
                self._feeds.pop(run_id, None)

        client.on_delete(close)
        return Watch(feed, close)

    def _open(self, run_id: int) -> Feed:
        feed = Feed(self._workspace.runs.get(run_id))
        feed.recall(self._workspace.runs)
        return feed

    def watch_list(self, listener: Callable[[], Any]) -> Callable[[], None]:
        """Call `listener` when any run begins, ends or changes its state, until the page at work goes."""
        self._listen()
        self._list_listeners.append(listener)

        def close() -> None:
            if listener in self._list_listeners:
                self._list_listeners.remove(listener)

        context.client.on_delete(close)
        return close

    def _listen(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            loop = asyncio.get_running_loop()
            self._thread = threading.Thread(target=self._work, args=(loop,), name="live", daemon=True)
            self._thread.start()

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hand updates over to the event loop for as long as that goes on."""
        subscription = self._workspace.runs.subscribe()
        if subscription is None:
            return
        try:
            while not loop.is_closed():
                updates = subscription.take(_LOOK)
                if updates and (self._feeds or self._list_listeners):
                    loop.call_soon_threadsafe(self._arrived, updates)
        except RuntimeError:
            pass  # the loop is closed: the server ends
        finally:
            subscription.close()

    def _arrived(self, updates: list[Update]) -> None:
        for update in updates:
            if feed := self._feeds.get(update.run):
                feed.add([update])
            self._turn.states |= update.kind in ("run", "missed")
        self._schedule()

    def _schedule(self) -> None:
        if not self._turn.due:
            self._turn.due = True
            asyncio.get_running_loop().call_later(_EVERY, lambda: asyncio.ensure_future(self._tell()))

    async def _tell(self) -> None:
        self._turn.due = False
        if self._turn.busy:
            self._schedule()
            return
        self._turn.busy = True
        try:
            for feed in list(self._feeds.values()):
                change = await run.io_bound(feed.refresh, self._workspace.runs)
                if change:
                    await _call(list(feed.listeners), change)
            if self._turn.states:
                self._turn.states = False
                await _call(list(self._list_listeners))
        finally:
            self._turn.busy = False


async def _call(listeners: list[Callable[..., Any]], *arguments: Any) -> None:
    """Call each; one that fails is reported, and the others are still told."""
    for listener in listeners:
        try:
            result = listener(*arguments)
            if asyncio.iscoroutine(result):
                await result
        except Exception:
            _log.exception("A page could not take in what happened in a run.")
