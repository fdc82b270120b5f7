"""Errors as answers: one shape, a status that fits, and never a traceback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DatabaseError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from nodegraph.errors import (
    BrokenWorld,
    Conflict,
    InvalidInput,
    NodeFailure,
    NodeGraphError,
    NotFound,
    StoreError,
)
from nodegraph.problems import Problem

# The most specific first.
_STATUSES: tuple[tuple[type[NodeGraphError], int, str], ...] = (
    (NotFound, 404, "not-found"),
    (Conflict, 409, "conflict"),
    (InvalidInput, 422, "invalid-input"),
    (NodeFailure, 409, "failed"),
    (StoreError, 410, "damaged"),
    (BrokenWorld, 503, "unavailable"),
    (NodeGraphError, 500, "internal"),
)
_CODES = {400: "bad-request", 404: "not-found", 405: "method-not-allowed", 413: "too-large", 416: "bad-range"}
_AGAIN_SECONDS = "5"
_MOST_PROBLEMS = 100


def register(app: FastAPI) -> None:
    """Have every error of the app answered in the one shape."""
    app.exception_handler(NodeGraphError)(_ours)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_http)
    app.exception_handler(DatabaseError)(_database)
    app.exception_handler(Exception)(_bug)


def error_answer(
    status: int,
    code: str,
    message: str,
    hint: str = "",
    problems: Sequence[Problem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer that says what is wrong, and what to do next."""
    error: dict[str, Any] = {"code": code, "message": message, "hint": hint}
    if problems:
        error["problems"] = [problem.model_dump(exclude_none=True) for problem in problems[:_MOST_PROBLEMS]]
    again = {"retry-after": _AGAIN_SECONDS} if status == 503 else {}
    return JSONResponse({"error": error}, status, {**again, **(headers or {})})


async def _ours(_request: Request, error: Exception) -> Response:
    assert isinstance(error, NodeGraphError)
    status, code = next((status, code) for kind, status, code in _STATUSES if isinstance(error, kind))
    problems = error.problems if isinstance(error, InvalidInput) else ()
    return error_answer(status, code, error.message, error.hint, problems)


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = [
        Problem(code="bad-value", message=f"{_place(found)}: {found['msg']}.", param=_place(found))
        for found in error.errors()[:_MOST_PROBLEMS]
    ]
    hint = "/openapi.json describes every request; a body is sent as application/json."
    return error_answer(422, "invalid-input", "The request is not as it should be.", hint, problems)


def _place(found: Mapping[str, Any]) -> str:
    where = found.get("loc", ())
    return ".".join(str(part) for part in where[1:]) or str(where[0])


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = {**(error.headers or {}), **(_allowed(request) if error.status_code == 405 else {})}
    code = _CODES.get(error.status_code, "refused")
    message = {
        404: "There is nothing at this address.",
        405: "This address does not take that method.",
    }.get(error.status_code, str(error.detail))
    hint = "/openapi.json lists what there is." if error.status_code in (404, 405) else ""
    return error_answer(error.status_code, code, message, hint, headers=headers)


def _allowed(request: Request) -> dict[str, str]:
    """Every method of an address: Starlette names those of its first route alone."""
    path = getattr(request.scope.get("route"), "path", "")
    methods = request.app.openapi()["paths"].get(path, {})
    return {"allow": ", ".join(method.upper() for method in methods)} if methods else {}


async def _database(_request: Request, error: Exception) -> Response:
    reason = getattr(error, "orig", None) or error
    return error_answer(
        503,
        "unavailable",
        f"The database cannot be used: {reason}.",
        "Try again in a while.",
    )


async def _bug(_request: Request, _error: Exception) -> Response:
    return error_answer(
        500, "internal", "The server made a mistake.", "Its log has the details; report them."
    )
