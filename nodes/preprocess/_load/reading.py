"""Reads one data file: tells its format from name and content, and yields its records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from nodegraph import NodeFailure
from nodes.preprocess._load.encoding import text_encoding
from nodes.preprocess._load.json_stream import json_rows
from nodes.preprocess._load.lines import TextUnit, jsonl, plain
from nodes.preprocess._load.opening import DataFile
from nodes.preprocess._load.parquet import parquet
from nodes.preprocess._load.record import Record
from nodes.preprocess._load.table import Header, Table

Format = Literal["json", "jsonl", "csv", "tsv", "txt", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
SUFFIXES: dict[str, Format] = {
    ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".jsonlines": "jsonl", ".csv": "csv",
    ".tsv": "tsv", ".tab": "tsv", ".txt": "txt", ".text": "txt", ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip
_HEAD = 256 * 1024


@dataclass(frozen=True)
class ReadOptions:
    """How files are read."""

    format: str = "auto"
    encoding: str = "auto"
    text_unit: TextUnit = "line"
    header: Header = "auto"
    split: str = ""
    max_row_chars: int = 16 * 1024 * 1024


@dataclass
class FileFacts:
    """What was found out about a file: part of the report."""

    format: str = ""
    encoding: str = ""
    notes: list[str] = field(default_factory=list)


def suffix_format(name: str) -> Format | None:
    """The format that a file's name promises, `.gz` aside."""
    return SUFFIXES.get(Path(name.lower().removesuffix(".gz")).suffix)


def read_records(file: DataFile, options: ReadOptions, facts: FileFacts, scratch: Path) -> Iterator[Record]:
    """The records of a file, in its order."""
    if file.size == 0:
        raise NodeFailure("input", f"{file.name} is empty (0 bytes).", "Give a file that holds rows.")
    facts.format = _format(file, options)
    if facts.format == "parquet":
        yield from parquet(file, scratch)
        return
    with file.open_bytes() as stream:
        facts.encoding = text_encoding(
            stream, file.name, options.encoding, is_json=facts.format in ("json", "jsonl")
        )
    with file.open_text(facts.encoding) as text:
        if facts.format == "json":
            yield from json_rows(text, file.name, options.max_row_chars, options.split)
        elif facts.format == "jsonl":
            yield from jsonl(text, options.max_row_chars)
        elif facts.format == "txt":
            yield from plain(text, options.max_row_chars, options.text_unit)
        else:
            mark = "\t" if facts.format == "tsv" else None
            table = Table(text, options.max_row_chars, mark, options.header)
            yield from table.records()
            if table.columns and not table.has_header:
                facts.notes.append(f"no header: the columns are {', '.join(table.columns)}")


def _format(file: DataFile, options: ReadOptions) -> str:
    with file.open_bytes() as stream:
        head = stream.read(_HEAD)
    if options.format != "auto":
        return options.format
    promised = suffix_format(file.name)
    if head.startswith(b"PAR1"):
        return "parquet"
    if promised in ("json", "jsonl", None):
        return _json_format(head, promised, file.name)
    return promised


def _json_format(head: bytes, promised: Format | None, name: str) -> str:
    """JSON and JSON Lines are often named alike, so the content decides."""
    encoding = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}.get(head[:2], "utf-8-sig")
    lines = [line for line in head.decode(encoding, "replace").split("\n") if line.strip()]
    first = lines[0].lstrip() if lines else ""
    if first.startswith("["):
        # A line that is an array of its own, with another after it, is JSON Lines too.
        return "jsonl" if promised == "jsonl" and len(lines) > 1 and _is_json(first) else "json"
    if first.startswith("{"):
        if promised == "json":
            return "jsonl" if len(lines) > 1 and _is_json(first) else "json"
        return "json" if not _is_json(first) and first.strip() == "{" else "jsonl"
    if promised is None:
        raise NodeFailure(
            "input",
            f"The format of {name} cannot be told from its name.",
            f"Set format to one of {', '.join(FORMATS)}.",
        )
    return promised


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
