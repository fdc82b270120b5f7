"""Pipelines: kept, looked up, changed by version, deleted."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Path, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from executor.api.models.pipelines import (
    PipelineDetail,
    PipelinePage,
    PipelineSaved,
    PipelineText,
    PipelineVersions,
)
from executor.api.reading import Limit, Offset, Space, read_model, router_at
from executor.services.pipelines import PipelineView

router = router_at("/pipelines", "pipelines")
Name = Annotated[str, Path(description="The name of a pipeline.")]
Version = Annotated[int, Path(ge=1, le=2**53, description="The number of a version.")]
Expected = Annotated[
    int | None,
    Query(ge=0, le=2**53, description="The version that a YAML body was made from; see PipelineText."),
]
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/yaml": {"schema": {"type": "string", "description": "The pipeline file."}},
            "application/json": {"schema": PipelineText.model_json_schema()},
        },
    }
}


async def _sent(request: Request, expected: Expected = None) -> tuple[str | bytes, int | None]:
    """The text that was sent, as JSON or as it stands, and the version that it was made from."""
    body = await request.body()
    if "json" not in request.headers.get("content-type", ""):
        return body, expected
    sent = await run_in_threadpool(read_model, body, PipelineText)
    return sent.text, sent.expected if sent.expected is not None else expected


Sent = Annotated[tuple[str | bytes, int | None], Depends(_sent)]


@router.get("", response_model=PipelinePage)
def list_pipelines(
    space: Space,
    search: Annotated[str, Query(description="What is in the name or the title.")] = "",
    limit: Limit = 50,
    offset: Offset = 0,
) -> dict[str, Any]:
    """The kept pipelines, by name."""
    found, total = space.pipelines.find(search, limit, offset)
    return {"pipelines": found, "total": total}


@router.post(
    "", response_model=PipelineSaved, status_code=201, openapi_extra=_BODY,
    responses={200: {"model": PipelineSaved, "description": "Nothing changed: the version that is there."}},
)  # fmt: skip
def import_pipeline(space: Space, sent: Sent, response: Response) -> dict[str, Any]:
    """Keep a pipeline file, as a new version where there is one of its name; 200 where nothing changed."""
    return _saved(space.pipelines.import_text(sent[0], expected=sent[1]), response, 201)


@router.get("/{name}", response_model=PipelineDetail)
def get_pipeline(space: Space, name: Name) -> PipelineView:
    """The latest version of a pipeline."""
    return space.pipelines.get(name)


@router.put("/{name}", response_model=PipelineSaved, openapi_extra=_BODY)
def save_pipeline(space: Space, name: Name, sent: Sent, response: Response) -> dict[str, Any]:
    """Keep a pipeline file under this name; 409 where `expected` is not the latest version."""
    return _saved(space.pipelines.import_text(sent[0], name=name, expected=sent[1]), response, 200)


@router.delete("/{name}", status_code=204)
def delete_pipeline(space: Space, name: Name) -> None:
    """Hide a pipeline; its versions and runs stay."""
    space.pipelines.delete(name)


@router.get("/{name}/versions", response_model=PipelineVersions)
def list_versions(space: Space, name: Name) -> dict[str, Any]:
    """The versions of a pipeline, the latest first."""
    return {"versions": space.pipelines.versions(name)}


@router.get("/{name}/versions/{version}", response_model=PipelineDetail)
def get_version(space: Space, name: Name, version: Version) -> PipelineView:
    """One version of a pipeline, with its text."""
    return space.pipelines.get(name, version)


def _saved(kept: tuple[PipelineView, bool], response: Response, status: int) -> dict[str, Any]:
    view, new = kept
    response.status_code = status if new else 200
    return {**vars(view), "new": new}
