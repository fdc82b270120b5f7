"""One request being answered: a thread generates its choices in turn, the event loop reads along."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from fastapi import Request

from nodes.deploy._server.gate import Gate
from nodes.deploy._server.generation import Generator, Outcome, Settings

Result = TypeVar("Result")


@dataclass(frozen=True)
class Piece:
    """More text of one choice."""

    index: int
    text: str


@dataclass(frozen=True)
class End:
    """A choice is complete."""

    index: int
    outcome: Outcome


class Answer:
    """Starts generating when it is made; iterate it for the pieces. Closing it ends the generation."""

    def __init__(
        self, gate: Gate, generator: Generator, prompts: list[list[int]], settings: Settings
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Piece | End | Exception | None] = asyncio.Queue()
        self._cancel = threading.Event()
        self._generator = generator
        self._prompts = prompts
        self._settings = settings
        gate.run(self._generate)

    def cancel(self) -> None:
        """Nobody listens any more: end at the next token."""
        self._cancel.set()

    async def __aiter__(self) -> AsyncIterator[Piece | End]:
        try:
            while (item := await self._queue.get()) is not None:
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            self.cancel()

    def _generate(self) -> None:
        try:
            for index, ids in enumerate(self._prompts):
                if self._cancel.is_set():
                    return
                emit = partial(self._put_piece, index)
                outcome = self._generator.generate(ids, self._for_choice(index), emit, self._cancel)
                self._put(End(index, outcome))
            self._put(None)
        except Exception as error:
            self._put(error)

    def _for_choice(self, index: int) -> Settings:
        seed = self._settings.seed
        return self._settings if seed is None else replace(self._settings, seed=seed + index)

    def _put_piece(self, index: int, text: str) -> None:
        self._put(Piece(index, text))

    def _put(self, item: Piece | End | Exception | None) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._queue.put_nowait, item)


class ClientGone(Exception):
    """The client closed the connection before its answer was ready."""


async def unless_gone(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """The result of `work`, which is cancelled where the client goes away first."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ClientGone
    finally:
        task.cancel()
        gone.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
