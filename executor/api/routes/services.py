"""Deployed services: listed, started, stopped, with their logs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query
from starlette.responses import PlainTextResponse, Response

from executor.api.models.catalogue import ServiceDetail, ServiceList
from executor.api.reading import Space, router_at
from executor.services.deployments import Live

router = router_at("/services", "services")
Name = Annotated[str, Path(description="The name of a service.")]
Lines = Annotated[int, Query(ge=1, le=10_000, description="How many lines at most.")]


@router.get("", response_model=ServiceList)
def list_services(space: Space) -> dict[str, Any]:
    """The deployed services, the latest first."""
    return {"services": space.services.list()}


@router.get("/{name}", response_model=ServiceDetail)
def get_service(space: Space, name: Name) -> Live:
    """A service as it stands now."""
    return space.services.get(name)


@router.post("/{name}/start", response_model=ServiceDetail, status_code=202)
def start_service(space: Space, name: Name) -> Live:
    """Have a service started again; look at its state for how that goes."""
    return space.services.start_soon(name)


@router.post("/{name}/stop", response_model=ServiceDetail)
def stop_service(space: Space, name: Name) -> Live:
    """End a service."""
    return space.services.stop(name)


@router.get("/{name}/logs", response_class=PlainTextResponse)
def get_service_logs(space: Space, name: Name, lines: Lines = 200) -> Response:
    """The end of a service's log."""
    return PlainTextResponse(space.services.logs(name, lines).encode("utf-8", "replace"))
