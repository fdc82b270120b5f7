"""Tar streams made piece by piece: whatever is sent, no more than a megabyte of it is in memory."""

from __future__ import annotations

import contextlib
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from executor.store.digests import scan

_CHUNK = 1 << 20
_BLOCK = tarfile.BLOCKSIZE


class LocalTrouble(Exception):
    """A file of this machine could not be read or written while it was on its way."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


@contextlib.contextmanager
def local() -> Iterator[None]:
    """Tell what goes wrong on this machine's disk from what goes wrong on the way."""
    try:
        yield
    except OSError as error:
        raise LocalTrouble(error) from error


@dataclass(frozen=True)
class Item:
    """A file or folder to send: as `name` there, its content from `source` or as it stands here.

    Without either it is a folder. `user` owns it there.
    """

    name: str
    source: Path | None = None
    content: bytes | None = None
    mode: int = 0o644
    user: int = 0

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.source is None and self.content is None


def packed(items: Iterable[Item], sent: Callable[[int], None] = lambda count: None) -> Iterator[bytes]:
    """The tar of these, in order; `sent` is told the bytes of each piece before it goes, and may raise."""
    for item in items:
        pieces = _pieces(item)
        while True:
            with local():
                piece = next(pieces, None)
            if piece is None:
                break
            sent(len(piece))
            yield piece
    yield bytes(2 * _BLOCK)


def tree(name: str, folder: Path) -> Iterator[Item]:
    """A folder with all its files; links are followed, as where it is read here."""
    yield Item(name, mode=0o755)
    yield from files_of(name, {str(path.relative_to(folder)): path for path in scan(folder)}, 0)


def files_of(name: str, files: dict[str, Path], user: int) -> Iterator[Item]:
    """Files with the folders that they need, below `name`; `user` may change them there."""
    parents = {parent for place in files for parent in Path(place).parents if parent != Path()}
    if files:
        yield Item(name, mode=0o755, user=user)
    for parent in sorted(parents):
        yield Item(f"{name}/{parent}", mode=0o755, user=user)
    for place, path in files.items():
        yield Item(f"{name}/{place}", path, mode=0o644 if user else 0o444, user=user)


def _pieces(item: Item) -> Iterator[bytes]:
    info = tarfile.TarInfo(item.name)
    info.mode, info.uid, info.gid = item.mode, item.user, item.user
    if item.is_folder:
        info.type = tarfile.DIRTYPE
        yield _head(info)
    elif item.content is not None:
        info.size = len(item.content)
        yield _head(info) + item.content + bytes(-info.size % _BLOCK)
    else:
        assert item.source is not None
        with item.source.open("rb") as file:
            found = item.source.stat()
            info.size, info.mtime = found.st_size, found.st_mtime
            yield _head(info)
            left = info.size
            while left:
                piece = file.read(min(_CHUNK, left))
                if not piece:
                    raise OSError(f"{item.source} became shorter while it was sent")
                left -= len(piece)
                yield piece
            yield bytes(-info.size % _BLOCK)


def _head(info: tarfile.TarInfo) -> bytes:
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
