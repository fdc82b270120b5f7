"""Opens the beginning of a data file for people to look at: bounded, decompressed, decoded, or refused."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from nodegraph.errors import InvalidInput

# What is read of a file at most, once decompressed.
WINDOW = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_BINARY = {
    b"PAR1": "a Parquet file", b"PK\x03\x04": "a ZIP archive or an Excel or Word file", b"%PDF": "a PDF",
    b"\x89PNG": "an image", b"\xff\xd8\xff": "an image", b"GIF8": "an image",
    b"SQLite format 3": "a database",    b"GGUF": "a model",
}  # fmt: skip
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True)
class Opening:
    """The first text of a file; `whole` where that is all of it, `encoding` as people name it."""

    text: str
    encoding: str
    whole: bool


def opening(path: Path, name: str, window: int = WINDOW) -> Opening:
    """The text at the beginning of a file; InvalidInput where it has none."""
    raw, whole = _raw(path, name, window)
    for bom, codec, shown in _BOMS:
        if raw.startswith(bom):
            return Opening(_decode(raw, codec, "replace"), shown, whole)
    if what := binary(raw):
        raise InvalidInput(f"{name} is {what}, not text: it has no preview.", "It can be used all the same.")
    for codec, shown in (("utf-8", "UTF-8"), ("gb18030", "GB18030")):
        try:
            return Opening(_decode(raw, codec, "strict"), shown, whole)
        except UnicodeDecodeError:
            continue
    raise InvalidInput(
        f"{name} is neither UTF-8 nor GB18030.", "Save it as UTF-8, or name its encoding where it is loaded."
    )


def binary(raw: bytes) -> str:
    """What bytes that are no text are; empty for text."""
    known = next((what for magic, what in _BINARY.items() if raw.startswith(magic)), "")
    if known:
        return known
    return "binary data" if len(_CONTROL.findall(raw)) > len(raw) / 100 else ""


def _raw(path: Path, name: str, window: int) -> tuple[bytes, bool]:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as file:
            raw = file.read(window + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise InvalidInput(f"{name} is a damaged gzip file.", "Pack it again, and upload it again.") from None
    except OSError as error:
        raise InvalidInput(f"{name} cannot be read: {error.strerror or error}.", "Check the path.") from None
    return raw[:window], len(raw) <= window


def _decode(raw: bytes, codec: str, errors: str) -> str:
    """As text, but for a character that the window's end cuts in two."""
    return codecs.getincrementaldecoder(codec)(errors).decode(raw)
