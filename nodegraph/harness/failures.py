"""From an exception to a failure: whose fault it was, what happened, what to change."""

from __future__ import annotations

import errno

from nodegraph.errors import NodeFailure
from nodegraph.events import Failed

_BUG_HINT = "This is a bug in the node type; the log says more."
_NO_MEMORY = ("outofmemoryerror", "out of memory", "can't allocate memory", "bad_alloc")


class Stopped(BaseException):
    """Raised in the main thread when the attempt is asked to stop."""


def failure_of(error: BaseException) -> Failed:
    """The failed event that describes `error`."""
    if isinstance(error, NodeFailure):
        hint = error.hint or (_BUG_HINT if error.category == "node" else "")
        return Failed(category=error.category, message=error.message, hint=hint)
    if isinstance(error, Stopped):
        return Failed(category="cancelled", message="Cancelled while it ran.")
    text = f"{type(error).__name__}: {error}"
    if is_out_of_memory(error):
        return Failed(
            category="oom",
            message=f"Out of memory. {text}",
            hint="Lower batch_size or max_length, or ask for more memory_gb or GPUs.",
        )
    if isinstance(error, ImportError):
        return Failed(
            category="dependency",
            message=f"A library is missing or broken. {text}",
            hint="Run `nodegraph doctor`; it says which environments lack what, and how to install it.",
        )
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Failed(category="storage", message="Disk full.", hint="Free space, then retry the node.")
    return Failed(category="node", message=text, hint=_BUG_HINT)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a GPU's or the host's memory ran out, however the library says it."""
    text = f"{type(error).__name__}: {error}".lower()
    return isinstance(error, MemoryError) or any(mark in text for mark in _NO_MEMORY)
