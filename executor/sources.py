"""What a parameter that names data means: an example, an uploaded dataset, a file, a folder, or neither.

    example:NAME            a file that comes with NodeGraph, under templates/data
    dataset:NAME[@VERSION]  an uploaded dataset, its latest version where none is named
    path                    relative to the pipeline file's folder, absolute, or below ~
    anything else           a hub id or a URL, left as it is

What is found here is handed to the node as an absolute path, and its content counts in the cache key.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from sqlmodel import desc, select

from executor.data_dir import DataDir
from executor.database.session import Database
from executor.database.tables import Dataset, Fingerprint
from executor.store.digests import file_digest, scan
from nodegraph.errors import InvalidInput, NotFound
from nodegraph.suggest import did_you_mean

EXAMPLES = Path(__file__).resolve().parent.parent / "templates" / "data"
EXAMPLE, DATASET = "example:", "dataset:"
# A file that changed this recently may change again without its time showing it.
_FRESH_NS = 100_000_000
# Whoever names `/` or a home directory by mistake hears of it at once.
_MOST_FILES = 100_000
# What the kernel and running programs show there is no data, and may have no end.
_MACHINE = tuple(map(Path, ("/proc", "/sys", "/dev", "/run")))


class Sources:
    """Finds what sources name, and remembers the digests of files it has seen. Callable from any thread."""

    def __init__(self, data_dir: DataDir, database: Database, examples: Path = EXAMPLES) -> None:
        self._data_dir = data_dir
        self._database = database
        self._examples = examples
        self._seen: dict[str, tuple[str, str]] = {}

    def find_all(self, named: Mapping[str, str], base_dir: Path) -> dict[str, Path]:
        """The local files and folders that parameters name, by parameter; NotFound for what must be there."""
        found = {param: self.find(text, base_dir) for param, text in named.items()}
        return {param: path for param, path in found.items() if path is not None}

    def find(self, text: str, base_dir: Path) -> Path | None:
        """The local file or folder that `text` names; None for hub ids, URLs and what is not there."""
        if text.startswith(EXAMPLE):
            return self._example(text.removeprefix(EXAMPLE))
        if text.startswith(DATASET):
            return self._dataset(text.removeprefix(DATASET))
        if not text or "://" in text or "\0" in text:
            return None
        path = Path(os.path.normpath(base_dir / Path(text).expanduser()))
        try:
            # A pipe or a device has no end: whoever reads it for a digest would wait for ever.
            return path if path.is_file() or path.is_dir() else None
        except OSError:
            return None

    def known(self, path: Path) -> str | None:
        """The digest of a file or folder that has not changed since it was hashed; None asks for `digest`."""
        parts = []
        for file in _files(path):
            digest = self._recall(file, _stat(file))
            if digest is None:
                return None
            parts.append((file, digest))
        return _combine(path, parts)

    def digest(self, path: Path) -> str:
        """The digest of a file or folder; hashes what is new or changed, which may take long."""
        return _combine(path, [(file, self._digest(file)) for file in _files(path)])

    def examples(self) -> list[str]:
        """The names that `example:` takes."""
        return sorted(path.name for path in self._examples.glob("[!.]*") if path.name != "README.md")

    def _digest(self, file: Path) -> str:
        try:
            before = _stat(file)
            digest = self._recall(file, before) or file_digest(file)
            if _stat(file) == before:
                self._remember(file, before, digest)
        except OSError as error:
            raise unreadable(file, error) from error
        return digest

    def _example(self, name: str) -> Path:
        known = self.examples()
        if PurePosixPath(name).parts[:1] and PurePosixPath(name).parts[0] in known and ".." not in name:
            path = self._examples / name
            if path.exists():
                return path
        raise NotFound(f"There is no example {name}.", did_you_mean(name, known))

    def _dataset(self, text: str) -> Path:
        name, _, version = text.partition("@")
        with self._database.read() as session:
            statement = select(Dataset).where(Dataset.name == name).order_by(desc(Dataset.version))
            if version:
                statement = statement.where(Dataset.version == (int(version) if version.isdigit() else -1))
            found = session.exec(statement.limit(1)).first()
            names = [] if found else list(session.exec(select(Dataset.name).distinct()))
        if found is None:
            what = f"version {version} of the dataset {name}" if name in names else f"uploaded dataset {name}"
            raise NotFound(f"There is no {what}.", "" if name in names else did_you_mean(name, names))
        return self._data_dir.datasets / found.file

    def _recall(self, file: Path, stat: str) -> str | None:
        key = str(file)
        if key not in self._seen:
            with self._database.read() as session:
                row = session.get(Fingerprint, key)
            if row is None:
                return None
            self._seen[key] = (row.stat, row.digest)
        seen, digest = self._seen[key]
        return digest if seen == stat else None

    def _remember(self, file: Path, stat: str, digest: str) -> None:
        if self._seen.get(str(file)) == (stat, digest):
            return
        if time.time_ns() - int(stat.split(":")[1]) > _FRESH_NS:
            self._seen[str(file)] = (stat, digest)
            with self._database.write() as session:
                session.merge(Fingerprint(path=str(file), stat=stat, digest=digest))


def unreadable(file: Path, error: OSError) -> InvalidInput:
    """A file that a person named, and that does not let itself be read."""
    return InvalidInput(
        f"{file} cannot be read: {error.strerror or error}.",
        "Check that it is there, whole, and that this user may read it.",
    )


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    place = path.resolve()
    if any(place.is_relative_to(own) or own.is_relative_to(place) for own in _MACHINE):
        raise InvalidInput(
            f"The folder {path} belongs to the machine: it is, or holds, more than data.",
            "Name a folder that holds nothing but the data.",
        )
    try:
        found = scan(path, limit=_MOST_FILES)
    except OSError as error:
        raise unreadable(Path(error.filename or path), error) from error
    if len(found) > _MOST_FILES:
        raise InvalidInput(
            f"The folder {path} holds more than {_MOST_FILES:,} files.",
            "Name the folder that holds just the data.",
        )
    return found


def _stat(path: Path) -> str:
    try:
        found = path.stat()
    except OSError as error:
        raise unreadable(path, error) from error
    return f"{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}:{found.st_ino}"


def _combine(path: Path, parts: list[tuple[Path, str]]) -> str:
    if not path.is_dir():
        return parts[0][1]
    digest = hashlib.sha256()
    for file, content in parts:
        digest.update(f"{file.relative_to(path).as_posix()}\0{content}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
