"""Uploaded datasets: a file under a name, each upload a new version, each byte checked."""

from __future__ import annotations

import builtins
import hashlib
import os
import re
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import func
from sqlmodel import desc, select

from executor.data_dir import DataDir
from executor.database.session import Database
from executor.database.tables import Dataset
from executor.services.samples import Sample, sample
from executor.sources import EXAMPLES
from nodegraph.errors import InvalidInput, NotFound
from nodegraph.suggest import did_you_mean

MAX_BYTES = 20 * 1024**3
_NAME = re.compile(r"[\w](?:[\w.-]{0,98}[\w])?")
_SUFFIX = re.compile(r"(\.(jsonl|json|ndjson|csv|tsv|txt|md|parquet|zip|tar))?(\.gz)?$", re.IGNORECASE)
_CHUNK = 1 << 20


@dataclass(frozen=True)
class DatasetView:
    """One version of an uploaded dataset; `source` is what a node's parameter says to use it."""

    name: str
    version: int
    original: str
    digest: str
    bytes: int
    rows: int | None
    created: float
    path: Path

    @property
    def source(self) -> str:
        """dataset:NAME@VERSION."""
        return f"dataset:{self.name}@{self.version}"


@dataclass(frozen=True)
class ExampleView:
    """A file that comes with NodeGraph."""

    name: str
    bytes: int
    path: Path

    @property
    def source(self) -> str:
        """example:NAME."""
        return f"example:{self.name}"


class Datasets:
    """Adds, lists and finds uploaded datasets."""

    def __init__(self, data_dir: DataDir, database: Database, max_bytes: int = MAX_BYTES) -> None:
        self._folder = data_dir.datasets
        self._database = database
        self._max_bytes = max_bytes

    def add(self, name: str, stream: BinaryIO, original: str, size: int | None = None) -> DatasetView:
        """Keep a file as the next version of `name`.

        `size` is what the sender announced: a stream that ends early is refused. Files on disk have
        names of the server's making; of `original` only a known suffix is used.
        """
        if not _NAME.fullmatch(name):
            raise InvalidInput(
                f"{name!r} is no name for a dataset.", "Use letters, digits, dots, dashes, underscores."
            )
        suffix = _SUFFIX.search(original)
        file = f"{uuid.uuid4().hex}{suffix[0].lower() if suffix else ''}"
        temporary = self._folder / f".{file}.part"
        try:
            count, digest = self._receive(stream, temporary, size)
            temporary.rename(self._folder / file)
        finally:
            temporary.unlink(missing_ok=True)
        row = Dataset(
            name=name, version=0, file=file, original=Path(original).name[:255], digest=digest, bytes=count,
            created=time.time(),
        )  # fmt: skip
        with self._database.write() as session:
            latest = session.exec(select(func.max(Dataset.version)).where(Dataset.name == name)).one()
            row.version = (latest or 0) + 1
            session.add(row)
        return self._view(row)

    def add_file(self, name: str, path: Path) -> DatasetView:
        """Keep a file of this machine."""
        with path.open("rb") as stream:
            return self.add(name, stream, path.name, path.stat().st_size)

    def list(self) -> list[DatasetView]:
        """All versions, by name, latest first."""
        with self._database.read() as session:
            rows = session.exec(select(Dataset).order_by(Dataset.name, desc(Dataset.version))).all()
        return [self._view(row) for row in rows]

    def get(self, name: str, version: int | None = None) -> DatasetView:
        """One version, the latest where none is named; NotFound."""
        views = self.list()
        for view in views:
            if view.name == name and version in (None, view.version):
                return view
        known = [f"{view.name}@{view.version}" if version else view.name for view in views]
        wanted = f"{name}@{version}" if version else name
        raise NotFound(f"There is no dataset {wanted}.", did_you_mean(wanted, known))

    def examples(self) -> builtins.list[ExampleView]:
        """The files that come with NodeGraph, by name."""
        found = [path for path in EXAMPLES.glob("[!.]*") if path.name != "README.md" and path.is_file()]
        return [ExampleView(path.name, path.stat().st_size, path) for path in sorted(found)]

    def preview(self, name: str, version: int | None = None, rows: int = 20) -> Sample:
        """The first rows of an uploaded file; InvalidInput where it cannot be shown."""
        view = self.get(name, version)
        return sample(view.path, view.original, rows)

    def preview_example(self, name: str, rows: int = 20) -> Sample:
        """The first rows of an example."""
        known = {view.name: view.path for view in self.examples()}
        if name not in known:
            raise NotFound(f"There is no example {name}.", did_you_mean(name, known))
        return sample(known[name], name, rows)

    def clean(self) -> None:
        """Remove what a kill left of uploads."""
        for path in self._folder.glob(".*.part"):
            path.unlink(missing_ok=True)

    def _receive(self, stream: BinaryIO, temporary: Path, size: int | None) -> tuple[int, str]:
        digest, count = hashlib.sha256(), 0
        with temporary.open("xb") as file:
            while chunk := stream.read(_CHUNK):
                count += len(chunk)
                if count > self._max_bytes:
                    message = f"The file is larger than {self._max_bytes / 1e9:g} GB."
                    raise InvalidInput(message, "Name its path as the source instead, or split it.")
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if size is not None and count != size:
            raise InvalidInput(f"Only {count} of {size} bytes arrived.", "Send the file again.")
        temporary.chmod(0o444)
        return count, digest.hexdigest()

    def _view(self, row: Dataset) -> DatasetView:
        shown = row.model_dump(exclude={"id", "file"})
        return DatasetView(**shown, path=self._folder / row.file)
