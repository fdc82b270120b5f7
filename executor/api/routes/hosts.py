"""Hosts: listed, added, changed, drained, looked at, removed; and who waits for a place on them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query

from executor.api.models.hosts import DrainAsked, HostAsked, HostChange, HostDetail, HostList, QueueList
from executor.api.reading import Space, router_at
from executor.services.hosts import HostView

router = router_at("", "hosts")
Name = Annotated[str, Path(description="The name of a host.")]
Purge = Annotated[bool, Query(description="Whether to free there what is ours.")]


@router.get("/hosts", response_model=HostList)
def list_hosts(space: Space) -> dict[str, Any]:
    """The hosts with what is in use of them, the server's own machine first."""
    return {"hosts": space.hosts.list()}


@router.post("/hosts", response_model=HostDetail, status_code=201)
def add_host(space: Space, asked: HostAsked) -> HostView:
    """Add a host, and look at it; one that does not answer is added all the same."""
    return space.hosts.add(**asked.model_dump(exclude_unset=True))


@router.get("/hosts/{name}", response_model=HostDetail)
def get_host(space: Space, name: Name) -> HostView:
    """A host with what is in use of it."""
    return space.hosts.get(name)


@router.patch("/hosts/{name}", response_model=HostDetail)
def change_host(space: Space, name: Name, asked: HostChange) -> HostView:
    """Change what is said of a host; what is left out stays as it is."""
    return space.hosts.update(name, **asked.model_dump(exclude_unset=True))


@router.delete("/hosts/{name}", status_code=204)
def remove_host(space: Space, name: Name, purge: Purge = False) -> None:
    """Forget a host, with `purge` also our containers and our volume there; 409 while attempts run there."""
    space.hosts.remove(name, purge=purge)


@router.post("/hosts/{name}/drain", response_model=HostDetail)
def drain_host(space: Space, name: Name, asked: DrainAsked | None = None) -> HostView:
    """Let nothing more start on a host, or take it into use again; what runs there goes on."""
    return space.hosts.drain(name, asked.on if asked else True)


@router.post("/hosts/{name}/check", response_model=HostDetail)
def check_host(space: Space, name: Name) -> HostView:
    """Look at a host now, for at most ten seconds."""
    return space.hosts.check(name)[0]


@router.get("/queue", response_model=QueueList)
def list_queue(space: Space) -> dict[str, Any]:
    """The nodes that wait for a place, in the order in which they are served; then runs that wait whole."""
    return {"queue": space.queue.waiting()}
