"""What the processes of an attempt say that are not its first: nothing, but for why they failed."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from nodegraph.events import Failed
from nodegraph.harness.context import EventFile, RunContext

# How libraries say that another process of theirs is gone; that one says why.
_LOST = (
    "closed by peer", "reset by peer", "broken pipe", "distbackenderror", "distnetworkerror", "diststoreerror"
)  # fmt: skip


class OthersEvents(EventFile):
    """Only failures: all else the first process says for all."""

    def send(self, event: BaseModel) -> None:
        """Append a failure."""
        if isinstance(event, Failed):
            super().send(event)


class OthersContext(RunContext):
    """What the node says once is not said again."""

    def log(self, message: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """Say nothing."""


def is_echo(error: BaseException) -> bool:
    """Whether a process failed only because another one had gone."""
    text = f"{type(error).__name__}: {error}".lower()
    return isinstance(error, RuntimeError | OSError) and any(mark in text for mark in _LOST)
