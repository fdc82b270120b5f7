"""Artifacts: where they lie, what is in them, where they came from, whether they are whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlmodel import col, desc, select

from executor.database.session import Database
from executor.database.tables import Artifact
from executor.store.digests import scan
from executor.store.store import ArtifactStore
from nodegraph.errors import InvalidInput, NotFound


@dataclass(frozen=True)
class ArtifactView:
    """An artifact of the store, and the first node that made it."""

    digest: str
    kind: str
    bytes: int
    files: int
    path: Path
    run: int | None
    node: str | None
    port: str | None
    created: float


class Artifacts:
    """Finds artifacts by digest, or by the beginning of it."""

    def __init__(self, database: Database, store: ArtifactStore) -> None:
        self._database = database
        self._store = store

    def get(self, digest: str) -> ArtifactView:
        """One artifact; NotFound, or InvalidInput where the beginning fits several."""
        statement = select(Artifact).where(col(Artifact.digest).startswith(digest, autoescape=True)).limit(2)
        with self._database.read() as session:
            rows = session.exec(statement).all() if digest else []
        if not rows:
            raise NotFound(f"There is no artifact {digest}.", "`nodegraph show RUN --json` has the digests.")
        if len(rows) > 1:
            raise InvalidInput(f"Several artifacts begin with {digest}.", "Give more of the digest.")
        return self._view(rows[0])

    def list(self, kind: str | None = None, limit: int = 100) -> list[ArtifactView]:
        """Artifacts, latest first."""
        statement = select(Artifact).order_by(desc(Artifact.created)).limit(limit)
        if kind is not None:
            statement = statement.where(Artifact.kind == kind)
        with self._database.read() as session:
            return [self._view(row) for row in session.exec(statement)]

    def files(self, digest: str) -> dict[str, int]:
        """The files of an artifact and their sizes."""
        view = self.get(digest)
        return {path.relative_to(view.path).as_posix(): path.stat().st_size for path in scan(view.path)}

    def verify(self, digest: str) -> None:
        """Hash every file again; StoreError says what is damaged."""
        self._store.verify(self.get(digest).digest)

    def _view(self, row: Artifact) -> ArtifactView:
        return ArtifactView(
            row.digest, row.kind, row.bytes, row.files, self._store.path(row.digest), row.run_id, row.node,
            row.port, row.created,
        )  # fmt: skip
