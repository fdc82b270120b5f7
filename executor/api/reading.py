"""Reading requests: JSON that holds nothing a pipeline could not, and the workspace for routes."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Path, Query
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from executor.services.workspace import Workspace
from nodegraph.errors import InvalidInput
from nodegraph.format.loading import unfit


async def _workspace(request: Request) -> Workspace:
    found: Workspace = request.app.state.workspace
    return found


PREFIX = "/api/v1"
Space = Annotated[Workspace, Depends(_workspace)]
# SQLite holds 64 bits; JavaScript's numbers are exact to 53.
RunId = Annotated[int, Path(ge=1, le=2**53, description="The number of a run.")]
NodeId = Annotated[str, Path(description="The id of a node in the pipeline.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="How many at most.")]
Offset = Annotated[int, Query(ge=0, le=2**53, description="How many to pass over.")]


def read_json(body: bytes) -> Any:
    """The value of a body; InvalidInput where it is no JSON, has NaN, half characters, or nests too deep."""
    try:
        value = json.loads(body)
    except RecursionError:
        raise InvalidInput("The body nests too deep.", "A request needs about five levels.") from None
    except ValueError as error:
        reason = getattr(error, "msg", None) or "a number or a character cannot be read"
        raise InvalidInput(f"The body is no JSON: {reason}.", "Send UTF-8 as application/json.") from None
    problem = unfit(value)
    if problem is not None:
        raise InvalidInput(problem.message, problem.hint, [problem])
    return value


M = TypeVar("M", bound=BaseModel)


def read_model(body: bytes, model: type[M]) -> M:
    """A body as the request that it should be; RequestValidationError says what is wrong with it."""
    try:
        return model.model_validate(read_json(body))
    except ValidationError as error:
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_url=False)]
        raise RequestValidationError(found) from None


class _StrictRequest(Request):
    async def json(self) -> Any:
        """The body; large ones are read where they hold nobody up."""
        body = await self.body()
        return await run_in_threadpool(read_json, body)


class Route(APIRoute):
    """A route whose bodies are read by `read_json`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:  # noqa: D102 - FastAPI's
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(_StrictRequest(request.scope, request.receive))
            except Exception as error:
                # FastAPI makes an error of its own of whatever reading a body raises.
                if isinstance(error.__cause__, InvalidInput):
                    raise error.__cause__ from None
                raise

        return handle


def router_at(path: str, tag: str) -> APIRouter:
    """A router for the routes of one kind of thing."""
    return APIRouter(prefix=f"{PREFIX}{path}", tags=[tag], route_class=Route)
