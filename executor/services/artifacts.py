"""Artifacts: where they lie, what is in them, where they came from, whether they are whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import col, desc, select

from executor.database.session import Database
from executor.database.tables import Artifact, NodeRun
from executor.services.opening import binary
from executor.services.pages import RowsPage, read_page
from executor.services.zipping import zipped
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


@dataclass(frozen=True)
class FileText:
    """The beginning of a file: `cut` where there is more of it, `binary` where it is no text."""

    text: str
    bytes: int
    cut: bool
    binary: bool


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

    def list(
        self, kind: str | None = None, limit: int = 100, *, run: int | None = None, offset: int = 0
    ) -> list[ArtifactView]:
        """Artifacts, latest first; `run` restricts them to its outputs, those from the cache among them."""
        statement = select(Artifact).order_by(desc(Artifact.created)).limit(limit).offset(offset)
        if kind is not None:
            statement = statement.where(Artifact.kind == kind)
        with self._database.read() as session:
            if run is not None:
                made = session.exec(select(NodeRun.outputs).where(NodeRun.run_id == run)).all()
                digests = {output["digest"] for outputs in made for output in (outputs or {}).values()}
                statement = statement.where(col(Artifact.digest).in_(digests))
            return [self._view(row) for row in session.exec(statement)]

    def files(self, digest: str) -> dict[str, int]:
        """The files of an artifact and their sizes."""
        view = self._whole(digest)
        return {path.relative_to(view.path).as_posix(): path.stat().st_size for path in scan(view.path)}

    def file(self, digest: str, name: str) -> Path:
        """One file of an artifact; NotFound. Nothing outside of the artifact can be named."""
        if name not in self.files(digest):
            raise NotFound(f"The artifact {digest[:12]} has no file {name}.", "Look at its list of files.")
        return self.get(digest).path / name

    def text(self, digest: str, name: str, limit: int = 64 * 1024) -> FileText:
        """The beginning of a file as text; none for binary files."""
        path = self.file(digest, name)
        with path.open("rb") as file:
            raw = file.read(limit)
        size = path.stat().st_size
        if binary(raw):
            return FileText("", size, size > 0, True)
        return FileText(raw.decode("utf-8", "replace"), size, size > len(raw), False)

    def rows(self, digest: str, offset: int = 0, limit: int = 50, name: str = "data.jsonl") -> RowsPage:
        """Some rows of a dataset from a byte offset that an earlier page gave as `next`."""
        return read_page(self.file(digest, name), offset, limit)

    def zipped(self, digest: str) -> Iterator[bytes]:
        """An artifact as a ZIP file, made while it is read: nothing of it is kept in memory or on disk."""
        view = self._whole(digest)
        return zipped(view.path, scan(view.path))

    def check(self, digest: str) -> None:
        """See whether all files are as they were made, hashing them only where in doubt; StoreError."""
        whole = self.get(digest).digest
        if self._store.health(whole) != "good":
            self._store.verify(whole)

    def verify(self, digest: str) -> None:
        """Hash every file again; StoreError says what is damaged."""
        self._store.verify(self.get(digest).digest)

    def _whole(self, digest: str) -> ArtifactView:
        """One artifact that is in the store; StoreError where its files are gone."""
        view = self.get(digest)
        if not view.path.is_dir():
            self._store.verify(view.digest)
        return view

    def _view(self, row: Artifact) -> ArtifactView:
        return ArtifactView(
            row.digest, row.kind, row.bytes, row.files, self._store.path(row.digest), row.run_id, row.node,
            row.port, row.created,
        )  # fmt: skip
