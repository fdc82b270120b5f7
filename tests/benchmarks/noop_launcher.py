"""A launcher that starts nothing: it writes what a no-op node would have written, as the protocol demands."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from executor.launchers.base import EXIT, AttemptSpec, Handle, Poll, Say, Wanted
from nodegraph.events import Done, encode


def content(params: Mapping[str, Any]) -> str:
    """A no-op makes nothing new: unless it is told to, what it writes is in the store already."""
    return str(params["number"]) if params.get("new") else "nothing"


def _write(path: str, what: bytes) -> None:
    with open(path, "wb", buffering=0) as file:  # noqa: PTH123
        file.write(what)


class NoopLauncher:
    """Implements launchers.base.Launcher: every attempt has ended by the time it was started."""

    name = "noop"

    def obstacle(self, host: str) -> str:
        """There is none."""
        return ""

    def prepare(self, spec: AttemptSpec, say: Say) -> None:
        """Nothing is lacking."""

    def start(self, spec: AttemptSpec) -> Handle:
        """Write outputs, the event `done` and the exit status."""
        for port in spec.job.outputs:
            output = f"{spec.job.output_dir}/{port}"
            os.makedirs(output, exist_ok=True)  # noqa: PTH103 - paths would be measured, not the engine
            _write(f"{output}/text.txt", content(spec.job.params).encode())
        _write(spec.job.events_file, encode(Done(seconds=0.0)))
        _write(f"{spec.directory}/{EXIT}", b"0\n")
        return {"noop": True}

    def adopt(self, directory: Path, handle: Handle | None, host: str) -> Handle | None:
        """It ran if its exit status is there."""
        return {"noop": True} if (directory / EXIT).exists() else None

    def poll(self, directory: Path, handle: Handle) -> Poll:
        """Exited."""
        return Poll("exited", exit_code=0)

    def written_apart(self, directory: Path, handle: Handle) -> int:
        """Nothing."""
        return 0

    def stop(
        self, directory: Path, handle: Handle, grace_seconds: float, wanted: Wanted = lambda: True
    ) -> None:
        """Nothing runs."""

    def cleanup(self, directory: Path, handle: Handle) -> None:
        """Nothing is left."""

    def close(self) -> None:
        """Nothing is kept."""
