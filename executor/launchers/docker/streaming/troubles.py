"""What can go wrong with files on a host, in words."""

from __future__ import annotations

import errno

from executor.launchers.base import LaunchError
from executor.launchers.docker.streaming.sending import amount


def trouble(host: str, what: str, number: int = 0) -> LaunchError:
    """Files on the host could not be handled; `number` is the system's for it."""
    if number == errno.ENOSPC or "no space left" in what.lower():
        hint = "Free space there, or lower the host's cache_gb, then retry the node."
        return LaunchError("storage", f"The disk of the host {host} is full.", hint)
    return LaunchError(
        "infrastructure",
        f"Files on the host {host} could not be handled: {what.rstrip('.') or 'no answer'}.",
        "Retry the node; the log of the host's engine says more.",
    )


def no_room(host: str, needed: int, free: int) -> LaunchError:
    """Too little is free for what is to be sent."""
    return LaunchError(
        "storage",
        f"The host {host} has no room: {amount(needed)} are to be sent, {amount(free)} are free.",
        "Free space there, or lower the host's cache_gb, then retry the node.",
    )


def damaged(host: str, digest: str) -> LaunchError:
    """It is not there what it is here."""
    return LaunchError(
        "infrastructure", f"The artifact {digest[:12]} arrived damaged on {host}.", "Retry the node."
    )
