"""The points at which a server is killed: functions of the product, with the moment before or after a call.

The product knows nothing of them: the server that is to die wraps these functions before it starts, and
kills itself at the n-th call.
"""

from __future__ import annotations

import importlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Point:
    """A moment in the life of a server; `passes` is the highest n at which it is worth dying there.

    `needs` is the sort of run without which no server comes past; `while_leaving` are points of an orderly
    shutdown: the server is told to end.
    """

    name: str
    targets: tuple[str, ...]
    after: bool = False
    passes: int = 3
    launchers: tuple[str, ...] = ("process", "docker")
    needs: str = ""
    while_leaving: bool = False


_ENGINE = "executor.engine"
_DOCKER = "executor.launchers.docker"
_FAR = f"{_DOCKER}.streaming"
_PROCESS = "executor.launchers.process:ProcessLauncher"
_CONTAINER = f"{_DOCKER}.launcher:DockerLauncher"

POINTS = [
    Point("an intent is committed", (f"{_ENGINE}.attempts:Attempts._launch",), passes=6),
    Point("an attempt's directory is made", (f"{_ENGINE}.jobs:fresh_directory",), after=True),
    Point("a job is written", (f"{_ENGINE}.jobs:write_job",), after=True),
    Point("before a start", (f"{_PROCESS}.start", f"{_CONTAINER}.start")),
    Point("a process is made", (f"{_PROCESS}._spawn",), after=True, launchers=("process",)),
    Point("a container is created", (f"{_DOCKER}.containers:Containers.begin",), launchers=("docker",)),
    Point("a handle is not saved yet", (f"{_PROCESS}.start", f"{_CONTAINER}.start"), after=True),
    Point("a handle is to be noted", (f"{_ENGINE}.attempts:Attempts._launched",)),
    Point("an end is seen", (f"{_ENGINE}.endings:Endings.finish_attempt",)),
    Point("what is left of it is swept up", (f"{_ENGINE}.endings:Endings._conclude",)),
    Point("the digest of an output is noted", (f"{_ENGINE}.commit:_write",), after=True),
    Point("an output is moved", ("executor.store.store:ArtifactStore._move_in",), after=True),
    Point("an output is in the store", ("executor.store.store:ArtifactStore.put",), after=True),
    Point("outputs are kept", (f"{_ENGINE}.endings:Endings._kept",)),
    Point("before a commit", (f"{_ENGINE}.journal:Journal._commit",), passes=20),
    Point("between a commit and what waits for it", (f"{_ENGINE}.journal:Journal._commit",), True, 20),
    Point("an attempt has failed", (f"{_ENGINE}.endings:Endings.failed",), True, 1, needs="fails"),
    Point("a node waits for its next attempt", (f"{_ENGINE}.pauses:Pauses.pause",), True, 1, needs="retries"),
    Point("before an end is cleaned up", (f"{_PROCESS}.cleanup", f"{_CONTAINER}.cleanup")),
    Point("a container is to be removed", (f"{_DOCKER}.engine:DockerEngine.remove",), launchers=("docker",)),
    Point("a container is removed", (f"{_DOCKER}.engine:DockerEngine.remove",), True, launchers=("docker",)),
    Point("a node is to be stopped", (f"{_PROCESS}.stop", f"{_CONTAINER}.stop")),
    Point("a node is stopped", (f"{_PROCESS}.stop", f"{_CONTAINER}.stop"), after=True),
    Point("a run is to be cancelled", (f"{_ENGINE}.inbox:Inbox._cancel",), passes=1, needs="is cancelled"),
    Point("a run is being cancelled", (f"{_ENGINE}.inbox:Inbox._cancel",), True, 1, needs="is cancelled"),
    Point("a run is to be taken up", (f"{_ENGINE}.recovery:Recovery.take_up",)),
    Point("a run is taken up", (f"{_ENGINE}.recovery:Recovery.take_up",), after=True),
    Point("an attempt is found again", (f"{_ENGINE}.recovery:Recovery._found",), passes=2),
    Point("what it reads is sent", (f"{_FAR}.files:StreamedFiles._send",), launchers=("far",)),
    Point("what it reads is there", (f"{_FAR}.files:StreamedFiles._send",), True, launchers=("far",)),
    Point("it is laid out there", (f"{_FAR}.files:StreamedFiles.lay_out",), True, launchers=("far",)),
    Point("a piece of a file has come", (f"{_FAR}.mirror:append",), True, 6, launchers=("far",)),
    Point("what it left is to come", (f"{_FAR}.homecoming:Homecoming._all",), launchers=("far",)),
    Point("an output has come", (f"{_FAR}.homecoming:Homecoming._folder",), True, launchers=("far",)),
    Point("its exit status has come", (f"{_FAR}.homecoming:_put",), True, launchers=("far",)),
    Point("it is put away there", (f"{_FAR}.files:StreamedFiles.put_away",), True, launchers=("far",)),
    Point("the store is cleaned", ("executor.store.store:ArtifactStore.clean",), passes=1),
    Point("the schema is migrated", (), passes=1),
    Point("the engine is to end", (f"{_ENGINE}.engine:Engine.stop",), passes=1, while_leaving=True),
    Point("the engine has ended", (f"{_ENGINE}.engine:Engine.stop",), True, 1, while_leaving=True),
    Point("the last commit", (f"{_ENGINE}.journal:Journal.flush",), passes=1, while_leaving=True),
]


def of(launchers: set[str]) -> list[Point]:
    """The points that a server with these launchers comes past."""
    launchers = launchers | ({"docker"} if "far" in launchers else set())
    return [point for point in POINTS if launchers & set(point.launchers)]


def named(name: str) -> Point:
    """The point of that name."""
    return next(point for point in POINTS if point.name == name)


def mine(point: Point, number: int, *, note: Callable[[], None]) -> Callable[[], None]:
    """Have this process die at the `number`-th pass of a point; `note` is called just before.

    Answers what arms it: at once for most; where the point belongs to the shutdown, when that begins.
    """
    left = [number]
    armed = [not point.while_leaving]

    def pass_by() -> None:
        if not armed[0]:
            return
        left[0] -= 1
        if left[0] == 0:
            note()
            os.kill(os.getpid(), signal.SIGKILL)

    for target in point.targets:
        _wrap(target, pass_by, after=point.after)
    if not point.targets:
        _migrate_halfway(pass_by)

    def arm() -> None:
        armed[0] = True

    return arm


def found(target: str) -> tuple[Any, str]:
    """The module or class that holds a function, and its name there."""
    module, _, path = target.partition(":")
    holder: Any = importlib.import_module(module)
    *classes, name = path.split(".")
    for one in classes:
        holder = getattr(holder, one)
    return holder, name


def _wrap(target: str, pass_by: Callable[[], None], *, after: bool) -> None:
    holder, name = found(target)
    function = getattr(holder, name)

    def call(*args: Any, **kwargs: Any) -> Any:
        if not after:
            pass_by()
        result = function(*args, **kwargs)
        if after:
            pass_by()
        return result

    setattr(holder, name, call)


def _migrate_halfway(pass_by: Callable[[], None]) -> None:
    """A step of the schema that the next server does not know: nothing of it may be left."""
    from executor.database import migrations

    def half(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE run ADD COLUMN half INTEGER"))
        pass_by()

    migrations.STEPS.append(half)
