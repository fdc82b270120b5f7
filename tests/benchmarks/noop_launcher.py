"""A launcher that starts nothing: it writes what a no-op node would have written, as the protocol demands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from executor.launchers.base import EVENTS, EXIT, AttemptSpec, Handle, Poll, Say
from nodegraph.events import Done, encode


def content(params: Mapping[str, Any]) -> str:
    """A no-op makes nothing new: unless it is told to, what it writes is in the store already."""
    return str(params["number"]) if params.get("new") else "nothing"


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
            output = Path(spec.job.output_dir) / port
            output.mkdir(parents=True, exist_ok=True)
            (output / "text.txt").write_text(content(spec.job.params))
        (spec.directory / EVENTS).write_bytes(encode(Done(seconds=0.0)))
        (spec.directory / EXIT).write_text("0\n")
        return {"noop": True}

    def adopt(self, directory: Path, handle: Handle | None, host: str) -> Handle | None:
        """It ran if its exit status is there."""
        return {"noop": True} if (directory / EXIT).exists() else None

    def poll(self, directory: Path, handle: Handle) -> Poll:
        """Exited."""
        return Poll("exited", exit_code=0)

    def stop(self, directory: Path, handle: Handle, grace_seconds: float) -> None:
        """Nothing runs."""

    def cleanup(self, directory: Path, handle: Handle) -> None:
        """Nothing is left."""

    def close(self) -> None:
        """Nothing is kept."""
