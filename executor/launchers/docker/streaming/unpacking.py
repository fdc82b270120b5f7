"""Unpacks a tar that came from a host, as it comes, and trusts nothing in it."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from executor.launchers.base import LaunchError
from executor.launchers.docker.streaming.packing import local

_CHUNK = 1 << 20


def unpack(chunks: Iterator[bytes], target: Path) -> None:
    """Put what is below the tar's top folder into `target`, which is new.

    Raises LaunchError where a member would lie or point outside, or is no file, folder or link; links come
    last, so that nothing is ever written through one.
    """
    with local():
        target.mkdir(parents=True)
    links: list[tarfile.TarInfo] = []
    reader: Any = _Reader(chunks)
    with tarfile.open(fileobj=reader, mode="r|", bufsize=_CHUNK) as tar:
        for member in tar:
            checked = _checked(member, target)
            if checked is None:
                continue
            if checked.issym():
                links.append(checked)
            else:
                _write(tar, checked, target)
    for _ in chunks:
        pass  # what fills up the last block
    for link in links:
        path = target / link.name
        with local():
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.parent.resolve() != target.resolve() / Path(link.name).parent:
                raise _refused(link.name, "lies behind a link")
            if os.path.lexists(path):
                raise _refused(link.name, "is there twice")
            path.symlink_to(link.linkname)


class _Reader:
    """The chunks of an answer as a file that is read once."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def read(self, count: int) -> bytes:
        while len(self._rest) < count:
            piece = next(self._chunks, b"")
            if not piece:
                break
            self._rest += piece
        found, self._rest = self._rest[:count], self._rest[count:]
        return found


def _checked(member: tarfile.TarInfo, target: Path) -> tarfile.TarInfo | None:
    """The member as it may be unpacked, without the top folder's name; None for that folder itself."""
    parts = Path(member.name).parts
    below = Path(*parts[1:])
    if len(parts) < 2:
        if member.isdir():
            return None
        raise _refused(member.name, "is no folder")
    replaced: dict[str, Any] = {"name": str(below), "deep": False}
    if member.islnk():
        replaced["linkname"] = str(Path(*Path(member.linkname).parts[1:]))
    inner = member.replace(**replaced)
    try:
        return tarfile.data_filter(inner, str(target))
    except tarfile.FilterError as error:
        what = {
            "AbsoluteLinkError": "is a link that leads outside it",
            "LinkOutsideDestinationError": "is a link that leads outside it",
            "SpecialFileError": "is no file",
        }.get(type(error).__name__, "would lie outside it")
        raise _refused(str(below), what) from error


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    path = target / member.name
    if not member.isdir() and os.path.lexists(path):
        raise _refused(member.name, "is there twice")
    with local():
        (path if member.isdir() else path.parent).mkdir(parents=True, exist_ok=True)
        if member.islnk():
            os.link(target / member.linkname, path, follow_symlinks=False)
    if not member.isreg():
        return
    source = tar.extractfile(member)
    assert source is not None
    with local():
        file = path.open("xb")
    with file:
        while piece := source.read(_CHUNK):
            with local():
                file.write(piece)
    os.utime(path, (member.mtime, member.mtime))


def _refused(name: str, what: str) -> LaunchError:
    return LaunchError(
        "node",
        f"The output was not taken: {name} {what}.",
        "Have the node write plain files and folders into its output.",
    )
