"""Hosts and the queue."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from executor.api.models.common import Asked, Model


class HostGpu(Model):
    """A GPU of a host."""

    index: int = Field(description="Its number on the host.")
    kind: str = Field(description="What people ask for, such as A100.")
    memory_gb: float = Field(description="Its memory; 0 is unknown.")
    driver: str = Field(description="The version of its driver.")
    utilisation: float | None = Field(description="From 0 to 1.")
    run: int | None = Field(description="The run that holds it.")
    node: str | None = Field(description="The node that holds it.")


class HostDetail(Model):
    """A host, what it has, and what is in use of it."""

    model_config = ConfigDict(from_attributes=True, extra="allow")

    name: str = Field(description="Its name; local is the server's own machine.")
    address: str = Field(description="Where its Docker engine is.")
    state: str = Field(description="unknown, ready, unreachable, or refused: another host has its engine.")
    reason: str = Field(description="Why it is in that state.")
    draining: bool = Field(description="Whether nothing more starts there.")
    labels: list[str] = Field(description="What nodes may ask for.")
    engine: str = Field(description="The version of its Docker engine.")
    cpus: float = Field(description="Its cores.")
    memory_gb: float = Field(description="Its memory.")
    disk_gb: float = Field(description="Its disk.")
    disk_free_gb: float = Field(description="What is free of it.")
    gpus: list[HostGpu] = Field(description="Its GPUs and who holds them.")
    declared: bool = Field(description="Whether its GPUs were named by hand.")
    declared_gpus: list[str] = Field(description="What was named by hand, such as 4xA100:80.")
    prices: dict[str, float] = Field(description="An hour of a GPU by kind, and of one core under cpu.")
    tls: dict[str, str] = Field(description="The files ca, cert and key on the server, for tcp.")
    files: str = Field(description="How files get there: auto, shared or streamed.")
    cache_gb: float = Field(description="How much it may keep of artifacts.")
    cpu_used: float = Field(description="Cores that attempts hold.")
    memory_used_gb: float = Field(description="Memory that attempts hold.")
    running: int = Field(description="Attempts that run there.")
    checked: float | None = Field(description="When it was last looked at, in seconds since the epoch.")
    created: float = Field(description="When it was added, in seconds since the epoch.")


class HostList(Model):
    """The hosts."""

    hosts: list[HostDetail] = Field(description="The server's own machine first.")


class HostChange(Asked):
    """What may be said of a host; what is left out stays as it is."""

    address: str = Field("", description="unix:///path, ssh://user@machine or tcp://machine:2376 with TLS.")
    labels: list[str] = Field([], description="What nodes may ask for.")
    gpus: list[str] = Field([], description="GPUs where the engine shows none, such as 4xA100:80.")
    prices: dict[str, float] = Field({}, description="An hour of a GPU by kind, and of one core under cpu.")
    tls: dict[str, str] = Field({}, description="The files ca, cert and key on the server, for tcp.")
    files: Literal["auto", "shared", "streamed"] = Field("auto", description="How files get there.")
    cache_gb: float = Field(200.0, ge=0, le=2**40, description="How much it may keep of artifacts.")


class HostAsked(HostChange):
    """A host to add."""

    name: str = Field(description="What it is to be called.")
    address: str = Field(description="unix:///path, ssh://user@machine or tcp://machine:2376 with TLS.")


class WaitingItem(Model):
    """A node that waits for a place on a host or for another one, or a run that waits as a whole."""

    run: int = Field(description="The number of the run.")
    pipeline: str = Field(description="The name of its pipeline.")
    user: str = Field(description="On whose behalf.")
    priority: int = Field(description="Higher ones go first.")
    node: str | None = Field(description="The node; null where the run waits as a whole.")
    title: str = Field(description="What people call the node.")
    wants: str = Field(description="What it waits for, such as 4×A100.")
    reason: str = Field(description="Why it waits, in a sentence.")
    position: int | None = Field(description="From 1; null where it stands in no line.")
    since: float = Field(description="Since when it waits, in seconds since the epoch.")


class QueueList(Model):
    """Who waits."""

    queue: list[WaitingItem] = Field(description="Those that are served first first.")


class DrainAsked(Asked):
    """Whether a host is to be emptied."""

    on: bool = Field(True, description="False takes it into use again.")
