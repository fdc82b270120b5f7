"""Starts and stops services from a page, and says there how it went."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from nicegui import Client, background_tasks, context

from ui import kit
from ui.i18n import t, t_message
from ui.serving.desk import Desk, Failure


class Acting:
    """What the buttons of a page do; `refresh` shows at once that something is under way."""

    def __init__(self, desk: Desk, refresh: Callable[[], None]) -> None:
        self._desk = desk
        self._refresh = refresh
        self._client = context.client

    def start(self, name: str) -> None:
        """Start a service."""
        background_tasks.create(self._act(name, self._desk.start(name)))

    def ask_to_stop(self, name: str) -> None:
        """Stop a service, if the reader means it."""

        def stop() -> None:
            background_tasks.create(self._act(name, self._desk.stop(name)))

        kit.confirm(
            t("Stop {name}?", name=name),
            t("Whoever asks it gets no answer until it is started again. Its model and its address stay."),
            yes=t("Stop"), no=t("Keep running"), name="stop", on_yes=stop,
        )  # fmt: skip

    async def _act(self, name: str, work: Coroutine[Any, Any, Failure | None]) -> None:
        task = background_tasks.create(work)
        await asyncio.sleep(0)  # now it is under way
        self._refresh()
        failure = await task
        seen = next((one for one in await self._desk.look() if one.name == name), None)
        self._refresh()
        if self._client.id not in Client.instances:
            return
        with self._client:
            if failure is not None:
                kit.toast(t_message(failure.message), t_message(failure.hint), "failed")
            elif seen is not None and seen.state == "healthy":
                kit.toast(t("{name} is live", name=name))
            elif seen is not None and seen.state == "stopped":
                kit.toast(t("{name} is stopped", name=name))
