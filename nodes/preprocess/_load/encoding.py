"""Tells the encoding of a text file from its first bytes that are not ASCII, and refuses binary files."""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO

from nodegraph import NodeFailure

_WINDOW = 256 * 1024
_WINDOWS = 256
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = {
    b"\x89PNG": "a PNG image", b"\xff\xd8\xff": "a JPEG image", b"GIF8": "a GIF image", b"%PDF": "a PDF",
    b"PK\x03\x04": "a ZIP archive or an Excel or Word file", b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"SQLite format 3": "an SQLite database", b"ARROW1": "an Arrow file", b"\x93NUMPY": "a NumPy array",
    b"BZh": "a bzip2 file", b"\xfd7zXZ": "an xz file", b"\x28\xb5\x2f\xfd": "a zstd file",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive", b"\x80\x02": "a Python pickle", b"\x80\x03": "a Python pickle",
    b"\x80\x04": "a Python pickle", b"\x80\x05": "a Python pickle", b"\x7fELF": "a program",
    b"GGUF": "a GGUF model",
    b"PAR1": "a Parquet file", b"\x1f\x8b": "a gzip file inside a gzip file",
}  # fmt: skip
# Half of all Chinese text is made of these; they tell GB18030 from Korean, Japanese and Big5 bytes.
_COMMON = frozenset(
    "的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好"
    "都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法"
    "此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再"
    "平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车"
    "请答题输入您文本指令回复客服"
)


def text_encoding(stream: BinaryIO, name: str, given: str = "auto", *, is_json: bool = False) -> str:
    """The codec that reads a file, `given` where it is named; fails where it is binary or cannot be told.

    JSON is UTF-8 by definition, so that stray bytes in it make bad rows; any other file that is neither
    UTF-8 nor Chinese is refused, for a wrong guess would spoil all of it unseen.
    """
    window = stream.read(_WINDOW)
    if given != "auto":
        if "16" not in given and "32" not in given:
            _refuse_binary(window, name)
        return "utf-8-sig" if codecs.lookup(given).name == "utf-8" else given
    for bom, codec in _BOMS:
        if window.startswith(bom):
            return codec
    _refuse_binary(window, name)
    lines = 0
    for _ in range(_WINDOWS):
        if not window.isascii():
            return _told(window, name, lines, is_json)
        lines += window.count(b"\n")
        window = stream.read(_WINDOW)
        if not window:
            break
    return "utf-8"


def _told(window: bytes, name: str, lines_before: int, is_json: bool) -> str:
    text = _decoded(window, "utf-8")
    broken = text.count("\ufffd")
    good = sum(not char.isascii() for char in text) - broken
    if good >= 2 * broken:
        return "utf-8"
    if _looks_chinese(_decoded(window, "gb18030")):
        return "gb18030"
    if is_json:
        return "utf-8"
    at = next(index for index, byte in enumerate(window) if byte > 127)
    line = lines_before + window.count(b"\n", 0, at) + 1
    raise NodeFailure(
        "input",
        f"{name}, line {line}: the text is neither UTF-8 nor GB18030 (bytes {window[at : at + 6].hex(' ')}).",
        "Set encoding to the one it was saved with, such as windows-1252, big5, shift_jis or euc_kr.",
    )


def _decoded(window: bytes, codec: str) -> str:
    """The window as text, but for a character that its end cuts in two."""
    return codecs.getincrementaldecoder(codec)("replace").decode(window)


def _looks_chinese(text: str) -> bool:
    han = re.findall(r"[\u4e00-\u9fff]", text)
    strange = (
        sum(not char.isascii() for char in text)
        - len(han)
        - len(re.findall(r"[\u3000-\u303f\uff00-\uff5e“”‘’…—·《》]", text))
    )
    common = sum(char in _COMMON for char in han)
    return len(han) > 0 and strange * 5 <= len(han) and common * 7 >= len(han)


def _refuse_binary(window: bytes, name: str) -> None:
    seen = next((what for magic, what in _MAGIC.items() if window.startswith(magic)), None)
    if seen is None and not window[:1].strip(b"\x00") and window:
        seen = _utf16_guess(window)
    strange = [found.start() for found in _CONTROL.finditer(window)]
    if seen is None and len(strange) > len(window) / 100:
        line = window.count(b"\n", 0, strange[0]) + 1
        what = (
            f"binary data (first bytes {window[:8].hex(' ')}; byte {window[strange[0]]:02x} in line {line})"
        )
        seen = _utf16_guess(window) or what
    if seen:
        raise NodeFailure(
            "input",
            f"{name} is {seen}, not text.",
            "Give JSON, JSON Lines, CSV, TSV, plain text or Parquet; UTF-16 is read where it has a "
            "byte order mark or where encoding says so.",
        )


def _utf16_guess(window: bytes) -> str | None:
    even, odd = window[::2].count(0), window[1::2].count(0)
    if max(even, odd) > len(window) / 10 and min(even, odd) * 10 < max(even, odd):
        return f"UTF-16 without a byte order mark (try encoding utf-16-{'le' if odd > even else 'be'})"
    return None
