"""The REST interface as an app of its own: the server puts it beside the pages."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.types import ASGIApp

from executor.api import errors, health
from executor.api.metrics import serve_metrics
from executor.api.models.common import ErrorAnswer
from executor.api.routes import (
    artifacts,
    catalogue,
    events,
    hosts,
    logs,
    nodes,
    pipelines,
    runs,
    services,
    validation,
)
from executor.api.traffic import Traffic
from executor.services.workspace import Workspace

_ROUTERS = (
    pipelines.router, validation.router, runs.router, nodes.router, logs.router, events.router,
    artifacts.router, services.router, catalogue.router, hosts.router,
)  # fmt: skip
_SUMMARY = (
    "Pipelines, runs and their results. Errors have one shape: {error: {code, message, hint, problems}}."
)


def create_api(workspace: Workspace) -> tuple[FastAPI, ASGIApp]:
    """The routes, and the app to serve: the routes, with their requests counted."""
    app = FastAPI(
        title="NodeGraph",
        version=health.version(),
        summary=_SUMMARY,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        generate_unique_id_function=lambda route: route.name,
        responses={"default": {"model": ErrorAnswer, "description": "What is wrong, and what to do next."}},
    )
    app.state.workspace = workspace
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    errors.register(app)
    for router in _ROUTERS:
        app.include_router(router)
    health.register(app)
    traffic = Traffic(app)
    serve_metrics(app, traffic)
    return app, traffic


def serves(path: str) -> bool:
    """Whether a path is one of this interface, not of a page."""
    return path.startswith("/api/") or path in ("/healthz", "/metrics", "/openapi.json")


def _described(app: FastAPI) -> dict[str, Any]:
    """The description of every route; made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, openapi_version=app.openapi_version, summary=app.summary,
            routes=app.routes,
        )  # fmt: skip
        for methods in made["paths"].values():
            for operation in methods.values():
                _errors_are_json(operation["responses"]["default"])
        schemes = made.setdefault("components", {})
        schemes["securitySchemes"] = {name: {"type": "http", "scheme": name} for name in ("bearer", "basic")}
        # Where the server has no password, nothing is asked for.
        made["security"] = [{"bearer": []}, {"basic": []}, {}]
        app.openapi_schema = made
    return app.openapi_schema


def _errors_are_json(answer: dict[str, Any]) -> None:
    """FastAPI takes what is wrong for the same type as what was asked for: a log, a ZIP file."""
    (content,) = answer["content"].values()
    answer["content"] = {"application/json": content}
