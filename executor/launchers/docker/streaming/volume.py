"""The volume of a data directory on a host, and the porter: a small container that keeps house in it."""

from __future__ import annotations

import contextlib
import errno
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from executor.images.making import ENVIRONMENT
from executor.images.recipe import BASE
from executor.launchers.base import Say
from executor.launchers.docker.container import OWNER
from executor.launchers.docker.engine import (
    CALL_SECONDS,
    TRANSFER_SECONDS,
    DockerEngine,
    EngineDown,
    refusal,
    words_of,
)  # fmt: skip
from executor.launchers.docker.streaming.packing import Item, packed
from executor.launchers.docker.streaming.porter_box import (
    DATA,
    EDITION,
    VARIABLES,
    command,
    edition,
    program,
    settings,
)  # fmt: skip
from executor.launchers.docker.streaming.troubles import trouble

if TYPE_CHECKING:
    from docker import APIClient

# So much stays free on a host.
MARGIN = 64 << 20
_LONGEST_WORD = 100_000
_FRAME = 8
_REMOVED_EVERY = 0.05


def volume_name(owner: str) -> str:
    """What the volume of a data directory is called on every host."""
    return f"nodegraph-{owner}"


class Volume:
    """What one data directory, known as `owner`, keeps on one host. Methods raise LaunchError.

    `fetch_image(image, say)` brings an image that the host lacks.
    """

    def __init__(self, engine: DockerEngine, owner: str, fetch_image: Callable[[str, Say], None]) -> None:
        self._engine = engine
        self._fetch_image = fetch_image
        self._lock = threading.Lock()
        self._counting = threading.Lock()
        self.owner = owner
        self._mountpoint = ""
        self._begun = self._closed = False
        self.name = volume_name(owner)
        self.porter = f"nodegraph-porter-{owner}"
        self._asked = time.monotonic()
        self._busy = 0
        # Told what is there, each time that a porter begins its work; answers the folders that nobody wants.
        self.met: Callable[[dict[str, Any]], list[str]] = lambda census: []

    @property
    def mountpoint(self) -> str:
        """Where it lies on the host."""
        if not self._mountpoint:
            with self._engine.asked() as client:
                client.create_volume(self.name, labels={OWNER: self.owner})
                self._mountpoint = client.inspect_volume(self.name)["Mountpoint"]
        return self._mountpoint

    def ask(self, what: str, **more: Any) -> tuple[dict[str, Any], bytes]:
        """Have the porter do one thing; its answer, and the bytes that follow it."""
        text = json.dumps({"do": what, **more})
        if len(text) > _LONGEST_WORD:
            text = self._laid_down(text)
        return self._understood(self._with_porter(lambda client: self._exec(client, text), CALL_SECONDS))

    def put(self, items: Iterable[Item], sent: Callable[[int], None] = lambda count: None) -> None:
        """Stream files into the volume; `sent` is told the bytes as they go, and may raise."""

        def send(client: APIClient) -> None:
            client.put_archive(self.porter, DATA, packed(items, sent))

        try:
            self._with_porter(send, TRANSFER_SECONDS)
        except EngineDown:
            # An engine that cannot write what comes hangs up; one that is away does not answer this either.
            free = self.ask("look", artifacts=[], folders=[])[0]["free"]
            full = free < MARGIN
            raise trouble(
                self._engine.host, "what was sent was not taken", errno.ENOSPC if full else 0
            ) from None

    def get(self, path: str, unpack: Callable[[Iterator[bytes]], None]) -> bool:
        """Have a tar of a folder of the volume unpacked as it comes; False where there is no such folder."""
        from docker.errors import NotFound

        def bring(client: APIClient) -> bool:
            # Not by the client's own get_archive: an answer that is not read to its end has to be closed, for
            # until then the engine lets nobody else near the container.
            address = client._url("/containers/{0}/archive", self.porter)
            with client._get(address, params={"path": f"{DATA}/{path}"}, stream=True) as response:
                try:
                    client._raise_for_status(response)
                except NotFound:
                    client.inspect_container(self.porter)  # or else it is the porter that is gone
                    return False
                unpack(response.iter_content(1 << 20))
                return True

        found: bool = self._with_porter(bring, TRANSFER_SECONDS)
        return found

    @property
    def idle_seconds(self) -> float:
        """How long nothing has been asked of the porter."""
        return 0.0 if self._busy else time.monotonic() - self._asked

    def dismiss(self, *, for_good: bool = False) -> None:
        """Remove the porter, until something is to be done again."""
        with self._lock:
            self._closed = for_good
            if self._begun:
                self._begun = False
                self._engine.remove(self.porter)

    def _with_porter(self, do: Callable[[APIClient], Any], seconds: float) -> Any:
        """Let the porter do something; a new one where the old one has gone."""
        from docker.errors import APIError

        for last in (False, True):
            self._have_porter()
            try:
                with self._at_work(), self._engine.asked(seconds) as client:
                    return do(client)
            except APIError as error:
                gone = error.status_code in (404, 409)
                if last or not gone:
                    raise trouble(self._engine.host, words_of(error)) from error
                self._begun = False
        raise AssertionError

    @contextlib.contextmanager
    def _at_work(self) -> Iterator[None]:
        with self._counting:
            self._busy += 1
        try:
            yield
        finally:
            with self._counting:
                self._busy -= 1
                self._asked = time.monotonic()

    def _have_porter(self) -> None:
        from docker.errors import APIError

        with self._lock:
            if self._begun:
                return
            if self._closed:
                raise EngineDown(self._engine.address, "the server is stopping", self._engine.host)
            try:
                self._begin()
                # Under the lock: it clears away what was on its way, which nothing else may be by now.
                unwanted = self.met(self._done("census"))
                if unwanted:
                    self._done("keep", items=[], folders=unwanted)
            except APIError as error:
                raise refusal("started", error) from error
            self._begun = True

    def _done(self, what: str, **more: Any) -> dict[str, Any]:
        with self._engine.asked() as client:
            return self._understood(self._exec(client, json.dumps({"do": what, **more})))[0]

    def _begin(self) -> None:
        found = self._engine.container(self.porter)
        if found is not None:
            known = found["Config"]["Labels"].get(EDITION) == edition()
            if known and found["State"]["Status"] == "running":
                return
            self._remove_porter()
        self._mountpoint = ""  # somebody may have removed the volume since
        body = settings(self._image(), self.mountpoint and self.name, self.owner)
        with self._engine.asked(TRANSFER_SECONDS) as client:
            client.create_container_from_config(body, self.porter)
            client.put_archive(self.porter, DATA, packed(program()))
            client.start(self.porter)

    def _remove_porter(self) -> None:
        """Also wait for its name: one that has ended is removed by the engine itself, which takes a while."""
        until = time.monotonic() + CALL_SECONDS
        self._engine.remove(self.porter)
        while self._engine.container(self.porter) is not None and time.monotonic() < until:
            time.sleep(_REMOVED_EVERY)

    def _image(self) -> str:
        """Whatever image with Python the host has."""
        if self._engine.has_image(BASE) is not None:
            return BASE
        with self._engine.asked() as client:
            ours = client.images(filters={"label": ENVIRONMENT})
        if ours:
            found: str = ours[0]["Id"]
            return found
        self._fetch_image(BASE, lambda _: None)
        return BASE

    def _understood(self, found: bytes) -> tuple[dict[str, Any], bytes]:
        head, _, rest = found.lstrip(b"\n").partition(b"\n")
        try:
            answer: dict[str, Any] = json.loads(head)
        except ValueError:
            said = found[-300:].decode("utf-8", "replace").strip()
            raise trouble(self._engine.host, said) from None
        if "error" in answer:
            raise trouble(self._engine.host, answer["error"], answer["errno"])
        return answer, rest

    def _laid_down(self, text: str) -> str:
        name = f"incoming/{uuid.uuid4().hex}.json"
        self.put([Item(name, content=text.encode())])
        return f"@{DATA}/{name}"

    def _exec(self, client: APIClient, text: str) -> bytes:
        made = client.exec_create(self.porter, command("ask", text), environment=VARIABLES)
        # Not by the client's own exec_start, which waits for an answer without end.
        address = client._url("/exec/{0}/start", made["Id"])
        body = {"Detach": False, "Tty": False}
        with client.post(address, json=body, stream=True, timeout=client.timeout) as response:
            client._raise_for_status(response)
            return b"".join(_frames(response.raw))


def _frames(raw: Any) -> Iterator[bytes]:
    """What a command wrote, standard output or error alike."""
    while len(head := raw.read(_FRAME)) == _FRAME:
        yield raw.read(int.from_bytes(head[4:], "big"))
