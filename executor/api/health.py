"""/healthz: whether the server can do its work, for those who restart it where it cannot."""

from __future__ import annotations

from functools import cache
from importlib import metadata

from fastapi import FastAPI
from starlette.responses import JSONResponse, Response

from executor.api.reading import Space


@cache
def version() -> str:
    """The version of NodeGraph."""
    try:
        return metadata.version("nodegraph")
    except metadata.PackageNotFoundError:
        return "unknown"


def healthz(space: Space) -> Response:
    """200 where all is well; 503 where the engine has ended by itself, or the database cannot be read."""
    health = space.health()
    body = {
        "status": "ok" if health.good else "failing",
        "version": version(),
        "engine": health.engine,
        "database": health.database,
    }
    return JSONResponse(body, 200 if health.good else 503, {"cache-control": "no-store"})


def register(app: FastAPI) -> None:
    """Answer at /healthz; it needs no password, so it tells nothing else."""
    app.get("/healthz", include_in_schema=False)(healthz)
