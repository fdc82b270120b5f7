"""One Docker engine: calls that end within ten seconds, and errors in words."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from executor.hosts.model import LOCAL, Files
from executor.launchers.base import LaunchError, Unreachable
from executor.launchers.docker.connecting import UNIX, connect, own_address, own_tls, trouble

if TYPE_CHECKING:
    from docker import APIClient
    from docker.errors import APIError

CALL_SECONDS = 10.0
# For transfers, where the other side may be busy with its disk.
TRANSFER_SECONDS = 60.0


class EngineDown(Unreachable):
    """The engine does not answer; nothing is known of what it does meanwhile."""

    def __init__(self, address: str, reason: str, host: str = LOCAL) -> None:
        start = (
            "Start it, or set DOCKER_HOST to the engine that is to be used; `nodegraph doctor` looks at it."
        )
        away = f"Look at the host {host}: is it up, and does its Docker engine run? What runs there goes on."
        super().__init__(
            "infrastructure",
            f"The Docker engine at {address} does not answer: {reason}.",
            start if host == LOCAL else away,
        )
        self.reason = reason


class DockerEngine:
    """The engine of a host. Its methods may be called from any thread; clients are made when needed."""

    def __init__(
        self,
        address: str | None = None,
        *,
        host: str = LOCAL,
        tls: Mapping[str, str] | None = None,
        files: Files = "auto",
    ) -> None:
        self.address = address or own_address()
        self.host = host
        self._files = files
        self._known: dict[str, Any] | None = None
        self._tls = tls or (own_tls() if host == LOCAL else {})
        self._clients: dict[float, APIClient] = {}
        self._lock = threading.Lock()

    @property
    def socket(self) -> Path | None:
        """Where it listens on this machine; None where it does not."""
        return Path(self.address.removeprefix(UNIX)) if self.address.startswith(UNIX) else None

    @contextlib.contextmanager
    def asked(self, seconds: float = CALL_SECONDS) -> Iterator[APIClient]:
        """A client whose calls wait at most so long for a word; EngineDown where none comes.

        Refusals of the engine (docker.errors.APIError) pass.
        """
        from docker.errors import APIError, DockerException
        from requests.exceptions import RequestException
        from urllib3.exceptions import HTTPError

        client = None
        try:
            client = self._made(seconds)
            yield client
        except APIError:
            raise
        except (DockerException, RequestException, HTTPError, OSError) as error:
            reason = trouble(client) or _reason(error, seconds)
            raise EngineDown(self.address, reason.rstrip("."), self.host) from error

    def client(self, seconds: float = CALL_SECONDS) -> APIClient:
        """A new client, whose calls wait so long for a word."""
        return connect(self.address, self._tls, seconds)

    def info(self, seconds: float = CALL_SECONDS) -> dict[str, Any]:
        """What the engine says of itself and of its machine."""
        with self.asked(seconds) as client:
            found: dict[str, Any] = client.info()
            return found

    def known(self) -> dict[str, Any]:
        """What the engine said of itself when it was asked first."""
        if self._known is None:
            self._known = self.info()
        return self._known

    def shares_files(self) -> bool:
        """Whether its containers can be given files of this machine: it runs here, or somebody said so."""
        if self._files == "auto":
            return self.socket is not None and self.known().get("Name") == socket.gethostname()
        return self._files == "shared"

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

    def layer_bytes(self, names: Collection[str]) -> dict[str, int]:
        """What containers have written beside what is mounted; those that cannot be asked are left out."""
        from docker.errors import APIError

        wanted = {"name": [f"^/{name}$" for name in names]}
        try:
            with self.asked() as client:
                found = client.containers(all=True, size=True, filters=wanted) if names else []
        except (APIError, LaunchError):
            return {}
        return {one["Names"][0].lstrip("/"): int(one.get("SizeRw") or 0) for one in found}

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
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    def _made(self, seconds: float) -> APIClient:
        if (found := self._clients.get(seconds)) is not None:
            return found
        # Not under the lock: an engine that hangs must not hold up everybody one after the other.
        made = self.client(seconds)
        with self._lock:
            return self._clients.setdefault(seconds, made)


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
        ("CERTIFICATE_VERIFY_FAILED", "its certificate is not signed by the authority that was given"),
        ("Permission denied", "this user may not use it"),
        ("PermissionError", "this user may not use it"),
    ):
        if mark in text:
            return reason
    return text.rstrip(".") or type(error).__name__
