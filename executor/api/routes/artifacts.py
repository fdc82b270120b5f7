"""Artifacts: listed, looked into, downloaded."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query
from starlette.responses import FileResponse, Response, StreamingResponse

from executor.api.models.artifacts import ArtifactDetail, ArtifactList
from executor.api.reading import Limit, Offset, Space, router_at
from executor.services.artifacts import ArtifactView

router = router_at("/artifacts", "artifacts")
Digest = Annotated[str, Path(max_length=64, description="The digest of an artifact, or its beginning.")]
File = Annotated[str, Path(description="The place of a file in the artifact.")]
RunFilter = Annotated[int | None, Query(ge=1, le=2**53, description="The run that has it as an output.")]
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("", response_model=ArtifactList)
def list_artifacts(
    space: Space,
    run: RunFilter = None,
    kind: Annotated[str | None, Query(description="dataset, model, metrics…")] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> dict[str, Any]:
    """The artifacts, the latest first."""
    if run is not None:
        space.runs.get(run)
    found = space.artifacts.list(kind, limit, run=run, offset=offset)
    return {"artifacts": [_shown(view) for view in found]}


@router.get("/{digest}", response_model=ArtifactDetail)
def get_artifact(space: Space, digest: Digest) -> dict[str, Any]:
    """An artifact and its files."""
    files = space.artifacts.files(digest)
    content = [{"path": path, "bytes": size} for path, size in files.items()]
    return {**_shown(space.artifacts.get(digest)), "content": content}


@router.get("/{digest}/files/{path:path}", response_class=FileResponse, responses=_BYTES)
def get_artifact_file(space: Space, digest: Digest, path: File) -> Response:
    """A file of an artifact, to be saved, never to be shown by a browser."""
    found = space.artifacts.file(digest, path)
    return FileResponse(found, media_type="application/octet-stream", filename=found.name)


@router.get("/{digest}/download", response_class=StreamingResponse, responses=_ZIP)
def download_artifact(space: Space, digest: Digest) -> Response:
    """An artifact as a ZIP file, made while it is sent."""
    name = space.artifacts.get(digest).digest[:12]
    headers = {"content-disposition": f'attachment; filename="{name}.zip"'}
    return StreamingResponse(space.artifacts.zipped(digest), media_type="application/zip", headers=headers)


def _shown(view: ArtifactView) -> dict[str, Any]:
    return vars(view)
