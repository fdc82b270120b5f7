"""Looks at hosts and at the queue for every page together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from executor.services.hosts import HostView
from executor.services.queue import Waiting
from executor.services.workspace import Workspace

LOOK_SECONDS = 1.5
T = TypeVar("T")


@dataclass(frozen=True)
class Seen:
    """Hosts and queue as they stood at one moment; `checking` are the hosts that are looked at now."""

    hosts: list[HostView] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    checking: frozenset[str] = frozenset()


class Desk:
    """Hosts and queue, for as many pages as there are."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._checking: set[str] = set()
        self._found: tuple[list[HostView], list[Waiting]] | None = None
        self._looked = 0.0
        self._looking = asyncio.Lock()

    @property
    def known(self) -> Seen | None:
        """How they stood at the last look; None before the first."""
        return None if self._found is None else Seen(*self._found, frozenset(self._checking))

    async def look(self) -> Seen:
        """How they stand; reads them at most every 1.5 seconds, whoever wants to know."""
        async with self._looking:
            if self._found is None or time.monotonic() - self._looked > LOOK_SECONDS:
                self._found = await asyncio.to_thread(self._read)
                self._looked = time.monotonic()
        return self.known or Seen()

    async def change(self, act: Callable[[], T]) -> T:
        """Do something to a host in a thread; the next look reads again. What `act` raises is raised."""
        try:
            return await asyncio.to_thread(act)
        finally:
            self._looked = 0.0

    async def check(self, name: str) -> HostView | None:
        """Have a host looked at now; None where that is under way already, or it is gone."""
        if name in self._checking:
            return None
        self._checking.add(name)
        try:
            found = await self.change(lambda: self._workspace.hosts.check(name))
        finally:
            self._checking.discard(name)
        return next((host for host in found if host.name == name), None)

    def _read(self) -> tuple[list[HostView], list[Waiting]]:
        return self._workspace.hosts.list(), self._workspace.queue.waiting()
