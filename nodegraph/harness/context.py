"""The context a running node is given: it turns calls into events."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from nodegraph import events
from nodegraph.errors import NodeFailure
from nodegraph.harness.job import Job
from nodegraph.harness.secrets import blank

MOST_EVENTS = 64_000_000
MOST_NAMES = 1_000
# No reader takes a longer line.
LONGEST_EVENT = 1_000_000
_BOUNDED = (events.Log, events.Metric, events.Progress)


class EventFile:
    """Appends events to the attempt's file, each in one write, so that a kill never mixes two lines.

    Once the file is large, numbers and progress are left out, and numbers of ever new names before; how the
    node ended is always said.
    """

    def __init__(self, path: str, secrets: Mapping[str, str]) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._secrets = secrets
        self._written = os.fstat(self._descriptor).st_size
        self._names: set[str] = set()
        self._told: set[str] = set()

    def send(self, event: BaseModel) -> None:
        """Append one event, stamped with the present time."""
        if isinstance(event, _BOUNDED) and not self._fits(event):
            return
        line = events.encode(event.model_copy(update={"time": time.time()}))
        content = blank(line.decode(), self._secrets).encode()
        if isinstance(event, _BOUNDED) and len(content) > LONGEST_EVENT:
            return
        self._written += os.write(self._descriptor, content)

    def _fits(self, event: BaseModel) -> bool:
        if self._written > MOST_EVENTS:
            self._tell(
                f"warning: more than {MOST_EVENTS // 10**6} MB were reported: further numbers are left out."
            )
            return False
        if isinstance(event, events.Metric):
            if event.name not in self._names and len(self._names) >= MOST_NAMES:
                self._tell(f"warning: more than {MOST_NAMES:,} names of numbers: new ones are left out.")
                return False
            self._names.add(event.name)
        return True

    def _tell(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            print(sentence, flush=True)


class RunContext:
    """Implements nodegraph.Context for one attempt."""

    def __init__(self, job: Job, sink: EventFile, secrets: Mapping[str, str]) -> None:
        self._job = job
        self._sink = sink
        self._secrets = secrets
        self.scratch = Path(job.scratch_dir)
        self.resume = Path(job.resume_dir)

    def log(self, message: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """Say something to the person who reads the log."""
        self._sink.send(events.Log(message=message, level=level))
        print(message if level == "info" else f"{level}: {message}", flush=True)

    def metric(self, name: str, value: float, step: int | None = None) -> None:
        """Report a number; NaN and infinities travel as null."""
        self._sink.send(events.Metric(name=name, value=events.finite(value), step=step))

    def progress(self, done: float, total: float | None = None, unit: str = "", message: str = "") -> None:
        """Report how far the node is."""
        self._sink.send(events.Progress(done=done, total=total, unit=unit, message=message))

    def secret(self, name: str) -> str:
        """The value of a secret; fails with category input where it is not set."""
        if name not in self._secrets:
            raise NodeFailure(
                "input",
                f"The secret {name} is not set.",
                f"Set it under Settings, or as the environment variable {name}, and run again.",
            )
        return self._secrets[name]

    def related(self, digest: str) -> Path:
        """The directory of an artifact that an input's card requires."""
        if digest not in self._job.related:
            raise NodeFailure(
                "storage",
                f"The artifact {digest[:12]}, which an input is built on, is not in the store.",
                "Run the node that made it again.",
            )
        return Path(self._job.related[digest])

    def seconds_left(self) -> float | None:
        """Seconds until the deadline, None where there is none."""
        return None if self._job.deadline is None else self._job.deadline - time.time()
