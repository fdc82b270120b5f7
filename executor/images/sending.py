"""Sends an image from one engine to another, as it comes, without keeping it."""

from __future__ import annotations

from collections.abc import Iterator

from executor.environments.following import attend
from executor.images.troubles import refused
from executor.launchers.base import Cancelled, LaunchError, Say
from executor.launchers.docker.engine import DockerEngine, words_of

# The engine that receives it unpacks layers, which may take it long.
_SILENCE_SECONDS = 600.0


def send(source: DockerEngine, target: DockerEngine, image: str, size: int, say: Say) -> None:
    """Have on `target` an image of `source`. Raises LaunchError; Cancelled of `say` passes."""
    from docker.errors import APIError

    sent, over = 0, False

    def pieces(chunks: Iterator[bytes]) -> Iterator[bytes]:
        nonlocal sent
        for chunk in chunks:
            if over:
                raise Cancelled
            sent += len(chunk)
            yield chunk

    def work() -> None:
        with source.asked(_SILENCE_SECONDS) as giver:
            chunks = giver.get_image(image)
            with target.asked(_SILENCE_SECONDS) as taker:
                for told in taker.load_image(pieces(chunks)):
                    if "error" in told:
                        raise _refused(target.host, image, str(told["error"]))

    def told() -> str:
        done = f"{min(sent, size) / 1e6:.0f} of {size / 1e6:.0f} MB"
        return f"Sending the image {image} to {target.host}: {done}."

    try:
        attend(work, say, told)
    except APIError as error:
        raise _refused(target.host, image, words_of(error)) from error
    finally:
        over = True


def _refused(host: str, image: str, said: str) -> LaunchError:
    usual = LaunchError(
        "image",
        f"The image {image} could not be sent to {host}: {said.rstrip('.')}.",
        "The log of the host's engine says more; is there room on its disk?",
    )
    return refused(host, image, said, usual)
