"""Downloads: artifacts by their digest, logs, and the pipelines of runs. Always attachments, never pages.

/files/DIGEST.zip            an artifact            /files/runs/RUN.yaml               a run's pipeline
/files/DIGEST/PATH           one file of it         /files/runs/RUN/NODE/ATTEMPT.log   a log as it was written
"""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import FastAPI, HTTPException
from starlette.responses import FileResponse, Response, StreamingResponse

from executor.services.artifacts import Artifacts, ArtifactView
from executor.services.runs import Runs
from nodegraph.errors import NodeGraphError, NotFound
from ui.site import Site

_DIGEST = re.compile(r"[0-9a-f]{64}")
# Whatever a file says it is, a browser only stores it.
_BYTES = "application/octet-stream"
_HEADERS = {"x-content-type-options": "nosniff", "cache-control": "private, no-store"}


def register(app: FastAPI, site: Site) -> None:
    """Serve downloads."""
    files = Files(site.workspace.artifacts, site.workspace.runs)
    app.get("/files/runs/{run}.yaml")(files.pipeline)
    app.get("/files/runs/{run}/{node}/{attempt}.log")(files.log)
    app.get("/files/{digest}.zip")(files.artifact)
    app.get("/files/{digest}/{name:path}")(files.file)


class Files:
    """Answers requests for downloads; each runs in a thread."""

    def __init__(self, artifacts: Artifacts, runs: Runs) -> None:
        self._artifacts = artifacts
        self._runs = runs

    def pipeline(self, run: str) -> Response:
        """A run's pipeline as it was when the run was started."""
        try:
            view, text = self._runs.get(run), self._runs.text(run)
        except NotFound as error:
            raise _refusal(error) from None
        return Response(text, headers=_attachment(f"{view.pipeline}-run-{view.id}.yaml"), media_type=_BYTES)

    def log(self, run: str, node: str, attempt: int) -> Response:
        """A log, byte for byte."""
        try:
            path = self._runs.log_path(run, node, attempt)
        except NotFound as error:
            raise _refusal(error) from None
        return _file(path, f"run-{run}-{node}-{attempt}.log")

    def artifact(self, digest: str) -> Response:
        """A whole artifact."""
        name = f"{self._checked(digest).kind}-{digest[:12]}.zip"
        content = self._artifacts.zipped(digest)
        return StreamingResponse(content, headers=_attachment(name), media_type=_BYTES)

    def file(self, digest: str, name: str) -> Response:
        """One file of an artifact."""
        self._checked(digest)
        try:
            path = self._artifacts.file(digest, name)
        except NotFound as error:
            raise _refusal(error) from None
        return _file(path, path.name)

    def _checked(self, digest: str) -> ArtifactView:
        try:
            if not _DIGEST.fullmatch(digest):
                raise NotFound(f"{digest[:80]} is no digest of an artifact.")
            view = self._artifacts.get(digest)
            self._artifacts.check(digest)
        except NodeGraphError as error:
            raise _refusal(error) from None
        return view


def _file(path: Path | None, name: str) -> Response:
    if path is None or not path.is_file():
        raise HTTPException(404, "There is no such file.")
    return FileResponse(path, filename=name, headers=_HEADERS, media_type=_BYTES)


def _attachment(name: str) -> dict[str, str]:
    """Names here have letters, digits, dashes and dots only."""
    return {**_HEADERS, "content-disposition": f'attachment; filename="{name}"'}


def _refusal(error: NodeGraphError) -> HTTPException:
    return HTTPException(404 if isinstance(error, NotFound) else 409, f"{error.message} {error.hint}".strip())
