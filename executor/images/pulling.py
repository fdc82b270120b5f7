"""Fetches images from registries, and sends them there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from executor.environments.following import follow
from executor.hosts.model import LOCAL
from executor.images.troubles import refused
from executor.launchers.base import LaunchError, Say
from executor.launchers.docker.engine import DockerEngine, words_of

# Without a word for so long, the registry does not answer.
_SILENCE_SECONDS = 60.0


def pull(engine: DockerEngine, image: str, say: Say) -> None:
    """Fetch an image. Raises LaunchError, which names it; Cancelled of `say` passes."""

    def lines() -> Iterator[str]:
        with engine.asked(_SILENCE_SECONDS) as client:
            yield from _told(client.pull(_tagged(image), stream=True, decode=True))

    _followed(lines, engine.host, image, "fetched", say)


def push(engine: DockerEngine, image: str, say: Say) -> None:
    """Send an image to the registry that its name names. Raises LaunchError."""

    def lines() -> Iterator[str]:
        with engine.asked(_SILENCE_SECONDS) as client:
            yield from _told(client.push(image, stream=True, decode=True))

    _followed(lines, engine.host, image, "sent", say)


class _Refused(Exception):
    """What the engine said in the middle of its progress."""


def _followed(lines: Any, host: str, image: str, done: str, say: Say) -> None:
    from docker.errors import APIError

    try:
        follow(lines, say)
    except (APIError, _Refused) as error:
        reason = words_of(error) if isinstance(error, APIError) else str(error).rstrip(".")
        message = f"The image {image} could not be {done}: {reason}."
        if host != LOCAL:
            message = f"The image {image} could not be {done} by the host {host}: {reason}."
        hint = "Check its name, the registry, and that this machine is logged in there: docker login."
        raise refused(host, image, reason, LaunchError("image", message, hint)) from error


def _told(events: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Progress as lines: a layer's name and state; bars would be many a second."""
    said = ""
    for event in events:
        if "error" in event:
            raise _Refused(str(event["error"]))
        line = " ".join(str(event[part]) for part in ("id", "status") if event.get(part))
        if line and line != said:
            said = line
            yield line


def _tagged(image: str) -> str:
    """Without a tag, the engine would fetch all that there are."""
    last = image.rpartition("/")[2]
    return image if ":" in last or "@" in image else f"{image}:latest"
