"""Removes what a data directory has left on a host: its containers there, and its volume of cached data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from executor.launchers.base import LaunchError
from executor.launchers.docker.container import OWNER
from executor.launchers.docker.engine import TRANSFER_SECONDS, DockerEngine, words_of


@dataclass(frozen=True)
class Purged:
    """How many containers were removed, which volume ("" where there was none), and its bytes."""

    containers: int = 0
    volume: str = ""
    bytes: int = 0


def purge(engine: DockerEngine, owner: str, in_use: Callable[[Mapping[str, str]], bool]) -> Purged:
    """Remove all that bears the owner's label. Raises LaunchError.

    `in_use` is asked with a container's labels: the engine may be another host's too, under another address.
    """
    from docker.errors import APIError

    ours = {"label": f"{OWNER}={owner}"}
    try:
        with engine.asked() as client:
            containers = client.containers(all=True, filters=ours)
        found = [one["Id"] for one in containers if not in_use(one["Labels"])]
        for container in found:
            engine.remove(container)
        with engine.asked(TRANSFER_SECONDS) as client:
            volumes = client.volumes(ours)["Volumes"] or []
            sizes = _sizes(client) if volumes else {}
            for volume in volumes:
                client.remove_volume(volume["Name"])
    except APIError as error:
        raise LaunchError(
            "infrastructure",
            f"What is on the host {engine.host} could not be removed: {words_of(error)}.",
            f"List it on that machine: docker volume ls --filter label={OWNER}={owner}",
        ) from error
    names = [volume["Name"] for volume in volumes]
    return Purged(len(found), ", ".join(names), sum(sizes.get(name, 0) for name in names))


def _sizes(client: Any) -> dict[str, int]:
    """How many bytes volumes take, by name; -1 is the engine's word for not knowing."""
    used = client._result(client._get(client._url("/system/df"), params={"type": "volume"}), True)
    listed = used.get("Volumes") or []
    return {one["Name"]: max(0, (one.get("UsageData") or {}).get("Size", 0)) for one in listed}
