"""Keeps artifacts under their content digest: artifacts/ab/abcd…/ with the manifest abcd….json beside it.

An artifact is there once its manifest is: files first, then a rename, then the manifest. Whatever a kill
leaves behind has a temporary name, and is removed at the next start.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from executor.store.digests import FileEntry, digest_of, entry_of, scan
from executor.store.intake import place, seal, settle
from nodegraph.errors import StoreError

Health = Literal["good", "suspect", "missing"]


@dataclass(frozen=True)
class Stored:
    """An artifact of the store: its digest, where it lies, how large it is."""

    digest: str
    path: Path
    bytes: int
    files: int


class ArtifactStore:
    """Content-addressed directories. Its methods may be called from any thread."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._prefix = str(root)
        self._temporary = root / "tmp"
        self._moving = threading.Lock()

    def path(self, digest: str) -> Path:
        """Where the artifact of that digest lies, or would lie."""
        return Path(self.folder(digest))

    def folder(self, digest: str) -> str:
        """The same as text, for those who ask for each node."""
        return f"{self._prefix}/{digest[:2]}/{digest}"

    def get(self, digest: str) -> Stored:
        """The artifact of that digest; StoreError where there is none."""
        return _stored(self, digest, self._manifest(digest))

    def measure(self, directory: Path) -> list[FileEntry]:
        """Make a directory fit to be kept, and hash it, in place; what has ended no longer writes there."""
        return [entry_of(path, directory) for path in settle(directory)]

    def put(self, directory: Path, entries: list[FileEntry] | None = None) -> Stored:
        """Move `directory` into the store; `entries` is what `measure` said of it, if it was asked before."""
        entries = self.measure(directory) if entries is None else entries
        digest = digest_of(entries)
        if self.health(digest) != "good":
            seal(directory)
            entries = [entry.at((directory / entry.path).lstat()) for entry in entries]
            with self._moving:
                if self.health(digest) != "good":
                    self._move_in(directory, digest)
                    self._write_manifest(digest, entries)
        return self.drop_copy(directory, entries)

    def drop_copy(self, directory: Path, entries: list[FileEntry]) -> Stored:
        """The artifact that `directory` with these entries is a copy of; the copy goes."""
        _remove(str(directory), entries)
        return _stored(self, digest_of(entries), entries)

    def whole(self, digest: str) -> Stored | None:
        """The artifact of that digest, hashed again where there is any doubt; None where it is not whole.

        Where a kill came between its files and its manifest, it gets its manifest.
        """
        with self._moving:
            if self.health(digest) == "missing" and self.path(digest).is_dir():
                entries = _entries(self.path(digest))
                if digest_of(entries) == digest:
                    self._write_manifest(digest, entries)
        try:
            if self.health(digest) != "good":
                self.verify(digest)
            return self.get(digest)
        except StoreError:
            return None

    def health(self, digest: str) -> Health:
        """A quick look: are all files there, with their sizes and times? `suspect` asks for `verify`."""
        try:
            entries = self._manifest(digest)
        except StoreError:
            return "missing"
        root = self.folder(digest)
        try:
            same = all(entry.looks_like(os.lstat(f"{root}/{entry.path}")) for entry in entries)
        except OSError:
            return "suspect"
        return "good" if same else "suspect"

    def verify(self, digest: str) -> None:
        """Hash every file again; StoreError names the first that is missing or changed."""
        known = {entry.path: entry for entry in self._manifest(digest)}
        root = self.path(digest)
        found = []
        for path in scan(root):
            entry = entry_of(path, root)
            if entry.path not in known or known[entry.path].sha256 != entry.sha256:
                raise _damaged(digest, f"{entry.path} does not match its checksum")
            found.append(entry)
        missing = known.keys() - {entry.path for entry in found}
        if missing:
            raise _damaged(digest, f"{min(missing)} is missing")
        if digest_of(found) != digest:
            raise _damaged(digest, "its manifest was changed")
        self._write_manifest(digest, found)

    def share(self, digest: str, other: ArtifactStore) -> Stored:
        """Put an artifact into another store too: hard links where one file system holds both, else copies.

        StoreError where it is not whole.
        """
        if self.whole(digest) is None:
            raise _damaged(digest, "it does not match its checksum, or is gone")
        copy, here, there = other._temporary_name(), [], []
        copy.mkdir()
        for entry in self._manifest(digest):
            try:
                linked = place(self.path(digest) / entry.path, copy / entry.path)
            except FileNotFoundError:
                raise _damaged(digest, f"{entry.path} is missing") from None
            # A link changes a time of the file that it leads to, a copy has times of its own.
            found = entry_of(copy / entry.path, copy) if not linked else entry.at((copy / entry.path).lstat())
            there.append(found)
            here.append(found if linked else entry)
        if digest_of(there) != digest:
            raise _damaged(digest, "a file of it changed while it was copied")
        with other._moving:
            other._move_in(copy, digest)
            other._write_manifest(digest, there)
        if here != self._manifest(digest):
            # Else its files would be hashed again when they are next used; no more than that.
            with contextlib.suppress(OSError):
                self._write_manifest(digest, here)
        return other.get(digest)

    def forget(self, digest: str) -> None:
        """Remove an artifact that is damaged or no longer wanted."""
        self._manifest_file(digest).unlink(missing_ok=True)
        self._discard(self.path(digest))

    def clean(self) -> None:
        """Remove what a kill left behind."""
        if self._temporary.exists():
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _move_in(self, directory: Path, digest: str) -> None:
        target = self.path(digest)
        target.parent.mkdir(exist_ok=True)
        self._manifest_file(digest).unlink(missing_ok=True)
        self._discard(target)
        try:
            directory.rename(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            self._copy_in(directory, target)
        _sync_folder(target.parent)

    def _copy_in(self, directory: Path, target: Path) -> None:
        copy = self._temporary_name()
        shutil.copytree(directory, copy)
        seal(copy)
        copy.rename(target)
        shutil.rmtree(directory)

    def _discard(self, directory: Path) -> None:
        """Remove a directory in one step as far as anyone can see."""
        if directory.exists():
            grave = self._temporary_name()
            directory.rename(grave)
            shutil.rmtree(grave, ignore_errors=True)

    def _temporary_name(self) -> Path:
        self._temporary.mkdir(exist_ok=True)
        return self._temporary / uuid.uuid4().hex

    def _manifest_file(self, digest: str) -> Path:
        return Path(f"{self.folder(digest)}.json")

    def _manifest(self, digest: str) -> list[FileEntry]:
        try:
            with open(f"{self.folder(digest)}.json", "rb", buffering=0) as file:  # noqa: PTH123 - read often
                records = json.loads(file.read())
            return [FileEntry(**record) for record in records]
        except FileNotFoundError:
            raise StoreError(
                f"The artifact {digest[:12]} is not in the store.", "Run the node that made it again."
            ) from None
        except (ValueError, TypeError) as error:
            raise _damaged(digest, "its manifest cannot be read") from error

    def _write_manifest(self, digest: str, entries: list[FileEntry]) -> None:
        temporary = self._temporary_name()
        with temporary.open("w") as file:
            json.dump([entry.as_dict() for entry in entries], file)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(self._manifest_file(digest))


def _stored(store: ArtifactStore, digest: str, entries: list[FileEntry]) -> Stored:
    return Stored(digest, store.path(digest), sum(entry.size for entry in entries), len(entries))


def _entries(directory: Path) -> list[FileEntry]:
    return [entry_of(path, directory) for path in scan(directory)]


def _remove(directory: str, entries: list[FileEntry]) -> None:
    """Remove a directory with these files; one without folders faster than by looking what it holds."""
    try:
        for entry in entries:
            os.unlink(f"{directory}/{entry.path}")  # noqa: PTH108 - here and below, for every node
        os.rmdir(directory)  # noqa: PTH106
    except OSError:
        if os.path.exists(directory):  # noqa: PTH110
            shutil.rmtree(directory)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _damaged(digest: str, what: str) -> StoreError:
    return StoreError(
        f"The artifact {digest[:12]} is damaged: {what}.", "The node that made it will run again."
    )
