"""Looks at services for every page together, and starts and stops them in threads."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from executor.services.deployments import Live
from executor.services.workspace import Workspace
from nodegraph.errors import NodeGraphError

LOOK_SECONDS = 1.5


@dataclass
class Work:
    """A start or stop under way; `said` is what it is at."""

    action: Literal["start", "stop"]
    began: float = field(default_factory=time.time)
    said: str = ""
    taken_back: bool = False


@dataclass(frozen=True)
class Failure:
    """Why the last start or stop did not work."""

    message: str
    hint: str


@dataclass(frozen=True)
class Seen:
    """A service, the pipeline that it came from, and what is being done to it here."""

    live: Live
    pipeline: str | None = None
    version: int | None = None
    work: Work | None = None
    failure: Failure | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return self.live.name

    @property
    def state(self) -> str:
        """What it is, or is about to be."""
        return (
            self.live.state
            if self.work is None
            else {"start": "starting", "stop": "stopping"}[self.work.action]
        )

    @property
    def can_be_taken_back(self) -> bool:
        """Whether it is being started here."""
        return self.work is not None and self.work.action == "start" and not self.work.taken_back


class Desk:
    """The services as they stand, for as many pages as there are."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._work: dict[str, Work] = {}
        self._failures: dict[str, Failure] = {}
        self._pipelines: dict[int, tuple[str, int | None] | None] = {}
        self._lives: list[Live] | None = None
        self._looked = 0.0
        self._looking = asyncio.Lock()

    @property
    def known(self) -> list[Seen] | None:
        """The services as they stood at the last look; None before the first."""
        return None if self._lives is None else [self._seen(live) for live in self._lives]

    async def look(self) -> list[Seen]:
        """The services as they stand; asks them at most every 1.5 seconds, whoever wants to know."""
        async with self._looking:
            if self._lives is None or time.monotonic() - self._looked > LOOK_SECONDS:
                self._lives = await asyncio.to_thread(self._ask)
                self._looked = time.monotonic()
        return self.known or []

    async def start(self, name: str) -> Failure | None:
        """Start a service and wait until it answers; what is wrong where it does not."""
        work = Work("start")

        def say(sentence: str) -> None:
            work.said = sentence

        services = self._workspace.services
        return await self._do(name, work, lambda: services.start(name, say, lambda: work.taken_back))

    async def stop(self, name: str) -> Failure | None:
        """Stop a service; one that is being started here is stopped as soon as it notices."""
        if (work := self._work.get(name)) is not None:
            work.taken_back = True
            return None
        return await self._do(name, Work("stop"), lambda: self._workspace.services.stop(name))

    async def _do(self, name: str, work: Work, act: Callable[[], object]) -> Failure | None:
        if name in self._work:
            return None
        self._work[name] = work
        self._failures.pop(name, None)
        try:
            await _in_thread(act)
        except NodeGraphError as error:
            if not work.taken_back:
                self._failures[name] = Failure(error.message, error.hint)
        finally:
            del self._work[name]
            self._looked = 0.0
        return self._failures.get(name)

    def _ask(self) -> list[Live]:
        lives = self._workspace.services.list()
        for live in lives:
            if live.run_id is not None and live.run_id not in self._pipelines:
                self._pipelines[live.run_id] = self._origin(live.run_id)
        return lives

    def _origin(self, run_id: int) -> tuple[str, int | None] | None:
        with contextlib.suppress(NodeGraphError):
            run = self._workspace.runs.get(run_id)
            return run.pipeline, run.version
        return None

    def _seen(self, live: Live) -> Seen:
        pipeline, version = self._pipelines.get(live.run_id or 0) or (None, None)
        return Seen(live, pipeline, version, self._work.get(live.name), self._failures.get(live.name))


async def _in_thread(act: Callable[[], object]) -> object:
    """Run it in a thread that does not keep the server from ending: a large model takes minutes to load."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[object] = loop.create_future()

    def tell(result: object, error: BaseException | None) -> None:
        if not future.done():
            future.set_exception(error) if error else future.set_result(result)

    def work() -> None:
        result, error = None, None
        try:
            result = act()
        except BaseException as raised:
            error = raised
        with contextlib.suppress(RuntimeError):  # the server has ended meanwhile
            loop.call_soon_threadsafe(tell, result, error)

    threading.Thread(target=work, daemon=True, name="service").start()
    return await future
