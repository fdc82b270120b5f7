"""Opens a data file as bytes or text: gzip is unpacked on the way, bombs and damage are refused."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from nodegraph import NodeFailure

GZIP_MAGIC = b"\x1f\x8b"
MB = 1024 * 1024
MAX_RATIO = 200
RATIO_FROM = 64 * MB
UNDECODABLE = "\udcff"
codecs.register_error("nodegraph-mark", lambda error: (UNDECODABLE, getattr(error, "end", 0)))


class GuardedGzip(io.RawIOBase):
    """Unpacks gzip as it is read; fails when it grows beyond all measure or is cut off."""

    def __init__(self, raw: BinaryIO, name: str, max_bytes: int) -> None:
        self._raw = raw
        self._unpacked = gzip.GzipFile(fileobj=raw)
        self._name = name
        self._max_bytes = max_bytes
        self._total = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` with unpacked bytes."""
        view = memoryview(buffer)
        try:
            data = self._unpacked.read(len(view))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise NodeFailure(
                "input",
                f"{self._name} is a damaged gzip file: {error} (after {self._total:,} bytes).",
                "It was probably cut off while it was copied or downloaded; fetch it again.",
            ) from error
        self._total += len(data)
        self._guard()
        view[: len(data)] = data
        return len(data)

    def _guard(self) -> None:
        ratio = self._total / max(self._raw.tell(), 1)
        if self._total > self._max_bytes:
            raise too_large(self._name, "unpacks to", self._max_bytes)
        if self._total > RATIO_FROM and ratio > MAX_RATIO:
            raise NodeFailure(
                "input",
                f"{self._name} unpacks to more than {MAX_RATIO} times its size; it looks like a gzip bomb.",
                "Where you trust it, unpack it yourself and load the unpacked file.",
            )


class DataFile:
    """One file to read: its name for messages, and how far it has been read."""

    def __init__(self, path: Path, name: str, max_bytes: int) -> None:
        self.path = path
        self.name = name
        self.size = path.stat().st_size
        self._max_bytes = max_bytes
        self._raw: BinaryIO | None = None
        if self.size > max_bytes:
            raise too_large(name, "has", max_bytes)
        with path.open("rb") as file:
            self.packed = file.read(2) == GZIP_MAGIC

    def open_bytes(self) -> BinaryIO:
        """The file's bytes, unpacked."""
        self._raw = self.path.open("rb")
        if not self.packed:
            return self._raw
        return io.BufferedReader(GuardedGzip(self._raw, self.name, self._max_bytes), 256 * 1024)

    def open_text(self, encoding: str) -> TextIO:
        """The file's text with line ends as newlines; bytes that are none of the encoding's are marked."""
        return io.TextIOWrapper(self.open_bytes(), encoding=encoding, errors="nodegraph-mark")

    def read_so_far(self) -> int:
        """How many of the file's own bytes have been read: the measure of progress."""
        if self._raw is None:
            return 0
        return self.size if self._raw.closed else self._raw.tell()


def too_large(name: str, verb: str, max_bytes: int) -> NodeFailure:
    """The failure that says a file is over the limit."""
    return NodeFailure(
        "input",
        f"{name} {verb} more than {max_bytes // MB:,} MB, the largest that is read.",
        "Raise max_file_mb, or split the file.",
    )
