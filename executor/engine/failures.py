"""Whose fault it was that an attempt ended badly, and what to do next, where the node did not say itself."""

from __future__ import annotations

import signal
import time
from dataclasses import asdict, dataclass, replace
from typing import Any

from executor.launchers.base import LaunchError, Poll
from nodegraph.errors import Category, NodeGraphError
from nodegraph.events import Failed

INFRASTRUCTURE_RETRIES = 2
_OOM_HINT = "Lower batch_size or max_length, ask for more memory_gb, or use a host with more memory."
_AGAIN = "Nothing is wrong with the node; it is tried again by itself a few times."
_SHELL_SIGNAL = 128
_LATELY = 0.02


@dataclass(frozen=True)
class Failure:
    """Why an attempt failed. `spent` is False where the user's retries are not used up by it."""

    category: Category
    message: str
    hint: str = ""
    exit_code: int | None = None
    spent: bool = True

    def as_dict(self) -> dict[str, Any]:
        """For the database and the command line."""
        shown = asdict(self)
        del shown["spent"]
        if self.exit_code is None:
            del shown["exit_code"]
        return shown


def of_end(poll: Poll, said: Failed | None, oom_kills: int) -> Failure | None:
    """Why an attempt that ended by itself failed; None where the exit status says that it did not.

    `said` is the node's own word. `oom_kills` is how often the kernel ended processes for want of memory
    while it ran.
    """
    code = poll.exit_code
    if poll.category == "oom" and (said is None or said.category in ("node", "infrastructure", "cancelled")):
        # A library whose worker was killed says something else.
        return Failure("oom", poll.reason or "It ran out of memory.", _OOM_HINT, code)
    if said is not None and said.category != "cancelled":
        return Failure(said.category, said.message, said.hint, code)
    if poll.state == "lost":
        return _infrastructure(poll.reason or "It is gone and left no exit status.", code)
    if code == 0:
        return None
    name = _signal_name(code)
    if name == "SIGKILL" and oom_kills > 0:
        return Failure("oom", "The kernel ended it because memory ran out.", _OOM_HINT, code)
    if name in ("SIGKILL", "SIGTERM", "SIGHUP", "SIGINT") or said is not None:
        return _infrastructure(f"It was ended from outside ({name or 'a signal'}).", code)
    if name:
        return Failure(
            "node",
            f"It crashed ({name}).",
            "A library broke: the log may say which; try other versions or settings.",
            code,
        )
    return Failure("node", f"It exited with status {code}.", "The log says what happened.", code)


def of_error(error: BaseException) -> Failure:
    """Why an attempt could not be prepared, started, or its outputs not be kept."""
    if isinstance(error, LaunchError):
        return Failure(error.category, error.message, error.hint, spent=error.category != "infrastructure")
    category: Category = getattr(error, "category", "infrastructure")
    if isinstance(error, NodeGraphError):
        return Failure(category, error.message, error.hint)
    if isinstance(error, OSError):
        hint = "Free space or mend the disk, then run again: what is done is kept."
        what = f"{error.strerror or error} ({error.filename or 'disk'})"
        return Failure("storage", f"Reading or writing failed: {what}.", hint)
    return Failure("infrastructure", f"{type(error).__name__}: {error}", "The server's log has the details.")


def timed_out(seconds: float | None) -> Failure:
    """The time limit ran out and the node did not say so itself."""
    limit = f" of {seconds:g} s" if seconds else ""
    return Failure(
        "timeout", f"The time limit{limit} ran out.", "Raise the node's timeout, or give it less to do."
    )


def run_timed_out(limit: float | None) -> Failure:
    """The time limit of the whole run ran out."""
    return Failure(
        "timeout",
        f"The run's time limit of {_span(limit or 0.0)} ran out.",
        "Run it again with a longer limit: what is done is kept.",
    )


def cancelled() -> Failure:
    """A person ended it."""
    return Failure("cancelled", "Cancelled while it ran.", "Run it again; it resumes from its checkpoints.")


def unfinished() -> Failure:
    """Exit status 0, but the node never said that it was done."""
    return Failure(
        "node", "It exited with status 0 before it was done.", "The node, or a library, ended the process."
    )


def disk_full(exit_code: int | None) -> Failure:
    """The node could not even say that there was no space."""
    return Failure("storage", "Disk full.", "Free space, then retry the node.", exit_code)


def lost(reason: str) -> Failure:
    """No trace of an attempt that had been started."""
    return _infrastructure(reason, None)


class OomKills:
    """How many processes the kernel had ended for want of memory when that was last looked up.

    The kernel writes some 150 figures for whoever wants this one: attempts that start together share a look.
    """

    def __init__(self) -> None:
        self._looked, self._found = -1.0, 0

    def lately(self) -> int:
        """The number of a moment ago, at most: none that counts later is missing."""
        now = time.monotonic()
        if now - self._looked > _LATELY:
            self._looked, self._found = now, kernel_oom_kills()
        return self._found


def kernel_oom_kills() -> int:
    """How many processes the kernel has ended for want of memory since it booted."""
    try:
        with open("/proc/vmstat", "rb", buffering=0) as file:  # noqa: PTH123 - asked for every attempt
            _, _, after = file.read().partition(b"\noom_kill ")
    except OSError:
        return 0
    return int(after.split(None, 1)[0]) if after else 0


def waits(reason: str) -> dict[str, Any]:
    """The error of a node that has not failed: it goes on once what it runs on answers again."""
    return Failure("infrastructure", reason).as_dict()


def last(failure: Failure) -> Failure:
    """A failure after which the node is not tried again by itself: what a person can do."""
    if failure.spent or failure.hint != _AGAIN:
        return failure
    hint = "Nothing is wrong with the node: `nodegraph doctor` looks at what it runs on; then run it again."
    return replace(failure, hint=hint)


def _infrastructure(reason: str, code: int | None) -> Failure:
    return Failure("infrastructure", reason, _AGAIN, code, spent=False)


def _span(seconds: float) -> str:
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def _signal_name(code: int | None) -> str:
    if code is None:
        return ""
    number = -code if code < 0 else code - _SHELL_SIGNAL
    try:
        return signal.Signals(number).name
    except ValueError:
        return ""
