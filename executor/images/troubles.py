"""Why an engine did not take an image, in words."""

from __future__ import annotations

from executor.launchers.base import LaunchError


def refused(host: str, image: str, said: str, usual: LaunchError) -> LaunchError:
    """A full disk on the engine's host, where that is what was `said`; else the `usual` failure."""
    if "no space left" not in said.lower():
        return usual
    return LaunchError(
        "storage",
        f"The disk of the host {host} has no room for the image {image}.",
        "Free space there, such as images that nobody needs (docker image prune -a), then retry the node.",
    )
