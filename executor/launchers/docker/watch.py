"""Watches the containers of one data directory: one thread asks the engine for all of them every second.

The engine's thread asks about attempts many times a second, and must never wait for Docker: it is told
what was last seen.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from executor.launchers.base import LaunchError
from executor.launchers.docker.container import OWNER
from executor.launchers.docker.engine import DockerEngine

_log = logging.getLogger(__name__)
_EVERY = 1.0
# Without anybody who asks, the thread ends.
_INTEREST = 30.0
_ENDED = ("exited", "dead")


@dataclass(frozen=True)
class Seen:
    """A container at the last look; `code` and `oom` once it has ended."""

    state: str
    labels: dict[str, str] = field(default_factory=dict)
    code: int | None = None
    oom: bool = False


class Watch:
    """What is known of the containers. `found` is called with all of them, by name, after each look."""

    def __init__(self, engine: DockerEngine, owner: str, found: Callable[[dict[str, Seen]], None]) -> None:
        self._engine = engine
        self._owner = owner
        self._found = found
        self._seen: dict[str, Seen] = {}
        self._looked = 0.0
        self._obstacle = f"Waiting for the Docker engine at {engine.address}."
        self._away = False
        self._hint = ""
        self._missing: dict[str, float] = {}
        self._wanted = 0.0
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._end = threading.Event()

    def obstacle(self) -> str:
        """Why the engine cannot be used; empty where it answered lately."""
        self.want()
        return self._obstacle

    @property
    def away(self) -> bool:
        """Whether the engine gave no answer when it was asked last."""
        return self._away

    @property
    def hint(self) -> str:
        """What to do about an engine that gave no answer."""
        return self._hint

    def want(self) -> None:
        """Somebody is interested: look, now and for a while."""
        self._wanted = time.monotonic()
        with self._lock:
            if not self._end.is_set() and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(target=self._work, daemon=True, name="nodegraph-docker")
                self._thread.start()

    def look(self, name: str) -> Seen | None:
        """A container as it was last seen; state `gone` where two looks after the first question missed it.

        None where nothing is known yet, or the engine does not answer.
        """
        self.want()
        with self._lock:
            seen = self._seen.get(name)
            if seen is not None or self._obstacle:
                self._missing.pop(name, None)
                return seen
            first = self._missing.setdefault(name, time.monotonic())
            return Seen("gone") if self._looked > first + _EVERY else None

    def forget(self, name: str) -> None:
        """The container has been removed by us."""
        with self._lock:
            self._seen.pop(name, None)
            self._missing.pop(name, None)

    def close(self) -> None:
        """End the thread, soon."""
        self._end.set()

    def _work(self) -> None:
        while not self._end.is_set():
            began = time.monotonic()
            try:
                seen = self._ask()
            except LaunchError as error:
                self._obstacle, self._away = f"{error.message} {error.hint}".rstrip(), True
                self._hint = error.hint
            except Exception as error:
                self._away = True
                self._obstacle = f"The Docker engine at {self._engine.address} is in trouble: {error}."
            else:
                with self._lock:
                    self._seen, self._looked, self._obstacle, self._away = seen, began, "", False
                self._tell(dict(seen))
            with self._lock:
                if time.monotonic() - self._wanted > _INTEREST:
                    self._thread = None
                    return
            self._end.wait(_EVERY)

    def _tell(self, seen: dict[str, Seen]) -> None:
        try:
            self._found(seen)
        except Exception:
            _log.exception("the containers that were seen could not be looked through")

    def _ask(self) -> dict[str, Seen]:
        with self._engine.asked() as client:
            listed = client.containers(all=True, filters={"label": f"{OWNER}={self._owner}"})
        return {name: self._one(name, entry) for entry in listed for name in [entry["Names"][0].lstrip("/")]}

    def _one(self, name: str, entry: dict[str, Any]) -> Seen:
        state, labels = entry["State"], entry.get("Labels") or {}
        before = self._seen.get(name)
        if state not in _ENDED:
            return Seen(state, labels)
        if before is not None and before.state == state:
            return before
        found = self._engine.container(name)
        if found is None:
            return Seen(state, labels)
        return Seen(state, labels, found["State"]["ExitCode"], bool(found["State"]["OOMKilled"]))
