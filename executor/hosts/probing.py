"""Looking at a host: what its engine says, and what a short container sees of its disk and GPUs."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
import uuid
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from executor.hosts.gpus import QUERY, parse_query
from executor.hosts.model import LOCAL, Facts, Gpu, Host
from nodegraph.errors import NodeGraphError

_GB = 1024**3
_COMMAND_SECONDS = 5
_SMALL = "python:3.11-slim"
_OURS = "nodegraph/"
_LOOK = "nodegraph.look"
_FORGOTTEN_SECONDS = 60


class Engine(Protocol):
    """What is asked of a Docker engine; launchers.docker.engine.DockerEngine."""

    def info(self) -> dict[str, Any]:
        """What it says of itself; raises NodeGraphError where it does not answer."""
        ...

    def asked(self) -> AbstractContextManager[Any]:
        """A docker.APIClient; NodeGraphError where it does not answer."""
        ...


def probe(host: Host, engine: Engine) -> Facts:
    """What the engine of a host says. Raises NodeGraphError where it does not answer.

    What it does not say, the disk of another machine and GPUs, stays as it was found before.
    """
    info = engine.info()
    facts = Facts(
        cpus=float(info.get("NCPU") or 0), memory_gb=float(info.get("MemTotal") or 0) / _GB,
        engine=str(info.get("ServerVersion") or ""), name=str(info.get("Name") or ""),
        nvidia="nvidia" in (info.get("Runtimes") or {}), id=_id_of(info),
    )  # fmt: skip
    before = host.facts
    if before is not None:
        gpus = before.gpus if facts.nvidia or host.name == LOCAL else ()
        facts = replace(facts, disk_gb=before.disk_gb, disk_free_gb=before.disk_free_gb, gpus=gpus)
    if is_here(host, facts):
        return _with_disk(facts, Path(str(info.get("DockerRootDir") or "/")))
    return facts


def _id_of(info: dict[str, Any]) -> str:
    """Its own ID does not tell copies of a machine apart, nor always two engines on one machine."""
    parts = [str(info.get(part) or "") for part in ("ID", "Name", "DockerRootDir")]
    return " ".join(parts) if parts[0] else ""


def look_closer(host: Host, engine: Engine, facts: Facts, *, thorough: bool) -> Facts:
    """The facts with what takes a little longer: a container that sees the GPUs, and the disk.

    Only a `thorough` look starts one for the disk alone, or fetches an image where the host has none and
    GPUs are to be seen. What cannot be seen this time stays as it was.
    """
    here = is_here(host, facts)
    if here and shutil.which(QUERY[0]):
        return replace(facts, gpus=_seen_here() or facts.gpus)
    if facts.nvidia or (thorough and not here):
        return _with_words(facts, _said(engine, gpus=facts.nvidia, fetch=thorough and facts.nvidia))
    return facts


def is_here(host: Host, facts: Facts) -> bool:
    """Whether the engine is on this machine; a socket may also be another machine's, handed on by ssh."""
    near = host.name == LOCAL or host.address.startswith("unix://")
    return near and facts.name == socket.gethostname()


def _with_disk(facts: Facts, root: Path) -> Facts:
    try:
        usage = shutil.disk_usage(root)
    except OSError:
        return facts
    return replace(facts, disk_gb=round(usage.total / _GB, 1), disk_free_gb=round(usage.free / _GB, 1))


def _seen_here() -> tuple[Gpu, ...]:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(QUERY, capture_output=True, text=True, timeout=_COMMAND_SECONDS)
        return parse_query(done.stdout)
    return ()


def _with_words(facts: Facts, said: str) -> Facts:
    """The facts with what `df` and `nvidia-smi` said."""
    for line in said.splitlines():
        words = line.split()
        if len(words) == 6 and words[1].isdigit() and words[3].isdigit() and words[5] == "/":
            total, free = (round(int(words[place]) * 1024 / _GB, 1) for place in (1, 3))
            facts = replace(facts, disk_gb=total, disk_free_gb=free)
    return replace(facts, gpus=parse_query(said) or facts.gpus) if facts.nvidia else facts


def _said(engine: Engine, *, gpus: bool, fetch: bool) -> str:
    """What a short container prints of its disk and GPUs; nothing where there can be none."""
    from docker.errors import APIError

    try:
        with engine.asked() as client:
            image = _image(client)
            if not image and fetch:
                for _ in client.pull(_SMALL, stream=True, decode=True):
                    pass
                image = _image(client)
            return _run(client, image, gpus) if image else ""
    except (APIError, NodeGraphError):
        # It refuses, or went away meanwhile, which the next look will tell.
        return ""


def _image(client: Any) -> str:
    """An image that the host has, and that has a shell."""
    names = [name for image in client.images() for name in image.get("RepoTags") or ()]
    ours = (name for name in names if name == _SMALL or name.startswith(_OURS))
    return next(ours, "")


def _run(client: Any, image: str, gpus: bool) -> str:
    from docker.errors import APIError
    from docker.types import DeviceRequest

    command = f"df -Pk /; timeout {_COMMAND_SECONDS} {' '.join(QUERY)}" if gpus else "df -Pk /"
    wanted = [DeviceRequest(count=-1, capabilities=[["gpu", "utility"]])] if gpus else None
    config = client.create_host_config(
        auto_remove=True, network_mode="none", cap_drop=["ALL"], device_requests=wanted,
        security_opt=["no-new-privileges"],
    )  # fmt: skip
    _remove_forgotten(client)
    name = f"nodegraph-look-{uuid.uuid4().hex[:12]}"
    client.create_container(
        image, ["-c", command], entrypoint=["sh"], name=name, host_config=config,
        labels={_LOOK: "1"},
    )  # fmt: skip
    try:
        output = client.attach(name, stdout=True, stderr=False, stream=True)
        client.start(name)
        return b"".join(output).decode(errors="replace")
    finally:
        # It is gone by itself, unless it could not be started or takes too long.
        with contextlib.suppress(APIError):
            client.remove_container(name, force=True)


def _remove_forgotten(client: Any) -> None:
    """Remove the containers of looks that were killed before they began, by whichever server."""
    from docker.errors import APIError

    for found in client.containers(all=True, filters={"label": _LOOK, "status": "created"}):
        if time.time() - found["Created"] > _FORGOTTEN_SECONDS:
            with contextlib.suppress(APIError):
                client.remove_container(found["Id"], force=True)
