"""What it means for an attempt that its container ended without a word, or was refused by the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from executor.launchers.base import AttemptSpec, LaunchError, Poll
from executor.launchers.docker.engine import refusal, words_of
from executor.launchers.docker.watch import Seen

if TYPE_CHECKING:
    from docker.errors import APIError


def lost(seen: Seen) -> Poll:
    """How an attempt stands whose container is gone or has ended, and left no status."""
    if seen.oom:
        return Poll("lost", seen.code, "The container ran out of memory.", "oom")
    if seen.state == "gone":
        return Poll("lost", reason="The container was removed by somebody else.")
    reason = f"The container was ended from outside, with status {seen.code}, as when its engine stops."
    return Poll("lost", seen.code, reason)


def refused(spec: AttemptSpec, error: APIError) -> LaunchError:
    """What the engine's refusal to create or start a container means."""
    said = words_of(error)
    image = spec.own_image.image if spec.own_image else f"of the environment {spec.environment}"
    if "No such image" in said:
        return LaunchError(
            "image", f"The image {image} is gone.", "Run the node again: it is fetched or built."
        )
    if "/bin/sh" in said:
        return LaunchError(
            "image",
            f"The image {image} has no /bin/sh.",
            "Use one with a shell: it keeps the log and the exit status.",
        )
    if "device driver" in said or "nvidia" in said:
        return LaunchError(
            "infrastructure",
            f"The Docker engine cannot hand out GPUs: {said}.",
            "Install the NVIDIA container toolkit on the host, then retry the node.",
        )
    return refusal("started", error)
