"""One Docker engine: calls that end within ten seconds, and errors in words."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from executor.launchers.base import LaunchError

if TYPE_CHECKING:
    from docker import APIClient
    from docker.errors import APIError

CALL_SECONDS = 10.0
STANDARD = "unix:///var/run/docker.sock"
_UNIX = "unix://"


class EngineDown(LaunchError):
    """The engine does not answer; nothing is known of what it does meanwhile."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(
            "infrastructure",
            f"The Docker engine at {address} does not answer: {reason}.",
            "Start it, or set DOCKER_HOST to the engine that is to be used; `nodegraph doctor` looks at it.",
        )
        self.reason = reason


class DockerEngine:
    """An engine on this machine. Its methods may be called from any thread; a client is made when needed."""

    def __init__(self, address: str | None = None) -> None:
        self.address = address or os.environ.get("DOCKER_HOST") or STANDARD
        self._client: APIClient | None = None
        self._lock = threading.Lock()

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return Path(self.address.removeprefix(_UNIX))

    @contextlib.contextmanager
    def asked(self, seconds: float = CALL_SECONDS) -> Iterator[APIClient]:
        """A client whose calls wait at most so long for a word; EngineDown where none comes.

        Refusals of the engine (docker.errors.APIError) pass.
        """
        from docker.errors import APIError, DockerException
        from requests.exceptions import RequestException

        try:
            yield self._made() if seconds == CALL_SECONDS else self.client(seconds)
        except APIError:
            raise
        except (DockerException, RequestException, OSError) as error:
            raise EngineDown(self.address, _reason(error, seconds)) from error

    def client(self, seconds: float = CALL_SECONDS) -> APIClient:
        """A new client, whose calls wait so long for a word."""
        from docker import APIClient

        if not self.address.startswith(_UNIX):
            raise LaunchError(
                "input",
                f"The Docker engine at {self.address} shares no files with this machine.",
                "Unset DOCKER_HOST, or set it to an engine of this machine: unix://…",
            )
        return APIClient(base_url=self.address, version="auto", timeout=seconds)

    def info(self, seconds: float = CALL_SECONDS) -> dict[str, Any]:
        """What the engine says of itself and of its machine."""
        with self.asked(seconds) as client:
            found: dict[str, Any] = client.info()
            return found

    def has_image(self, name: str) -> dict[str, Any] | None:
        """An image as the engine describes it; None where it has none of that name."""
        from docker.errors import ImageNotFound

        with self.asked() as client:
            try:
                found: dict[str, Any] = client.inspect_image(name)
            except ImageNotFound:
                return None
            return found

    def container(self, name: str) -> dict[str, Any] | None:
        """A container as the engine describes it; None where it has none of that name."""
        from docker.errors import NotFound

        with self.asked() as client:
            try:
                found: dict[str, Any] = client.inspect_container(name)
            except NotFound:
                return None
            return found

    def remove(self, name: str, seconds: float = CALL_SECONDS) -> None:
        """Remove a container, running, paused or not; nothing where there is none. Raises LaunchError."""
        from docker.errors import APIError, NotFound

        try:
            with self.asked(seconds) as client, contextlib.suppress(NotFound):
                try:
                    client.remove_container(name, force=True, v=True)
                except APIError as error:
                    if isinstance(error, NotFound) or "already in progress" in words_of(error):
                        return
                    # A paused one cannot be killed by every engine.
                    client.unpause(name)
                    client.remove_container(name, force=True, v=True)
        except APIError as error:
            raise refusal("removed", error) from error

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = None

    def _made(self) -> APIClient:
        if self._client is None:
            # Not under the lock: an engine that hangs must not hold up everybody one after the other.
            made = self.client()
            with self._lock:
                self._client = self._client or made
        return self._client


def refusal(what: Literal["started", "stopped", "removed"], error: APIError) -> LaunchError:
    """The failure of an attempt, or of what comes after it, whose container the engine would not touch."""
    hint = "The engine's own log says more; `nodegraph doctor` looks at the engine."
    return LaunchError("infrastructure", f"The container could not be {what}: {words_of(error)}.", hint)


def words_of(error: APIError) -> str:
    """What the engine said when it refused, as a part of a sentence."""
    said = " ".join(str(error.explanation or error).split())
    return said.rstrip(".")


def _reason(error: BaseException, seconds: float) -> str:
    text = str(error)
    if "timed out" in text.lower():
        return f"no word for {seconds:g} s"
    for mark, reason in (
        ("No such file", "there is no such socket"),
        ("FileNotFound", "there is no such socket"),
        ("refused", "nobody listens there"),
        ("Permission denied", "this user may not use it"),
        ("PermissionError", "this user may not use it"),
    ):
        if mark in text:
            return reason
    return text.rstrip(".") or type(error).__name__
