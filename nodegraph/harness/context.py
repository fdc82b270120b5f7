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


class EventFile:
    """Appends events to the attempt's file, each in one write, so that a kill never mixes two lines."""

    def __init__(self, path: str, secrets: Mapping[str, str]) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._secrets = secrets

    def send(self, event: BaseModel) -> None:
        """Append one event, stamped with the present time."""
        line = events.encode(event.model_copy(update={"time": time.time()}))
        os.write(self._descriptor, blank(line.decode(), self._secrets).encode())


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
