"""The first rows of a data file as a table, whatever its form, read no further than needed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from executor.services.opening import Opening, opening
from nodegraph.errors import InvalidInput

MAX_CELL = 400
_LONGEST_CELL = 131_072
_MOST_COLUMNS = 50
_PACKED = (".zip", ".tar", ".parquet")
Row = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """Rows for people: texts cut at 400 characters, lists and objects as JSON; `more` where there are more.

    `fault` says what is wrong with the row after the last one shown.
    """

    form: str
    encoding: str
    columns: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    more: bool = False
    fault: str = ""


class _Fault(Exception):
    """A row that cannot be read."""


def sample(path: Path, name: str, rows: int = 20) -> Sample:
    """The first rows of a file; InvalidInput where it is no text, or where its first row has no end."""
    suffixes = [suffix.lower() for suffix in Path(name).suffixes]
    if set(suffixes[-2:]) & set(_PACKED):
        raise InvalidInput(f"{name} has no preview.", "It is read when a pipeline loads it.")
    start = opening(path, name)
    form = _form(suffixes, start.text)
    found: list[Row] = []
    fault, more = "", False
    try:
        for row in _READERS[form](start):
            if len(found) == rows:
                more = True
                break
            found.append(row)
    except _Fault as error:
        fault = str(error)
    if not found and not start.whole and not fault:
        raise InvalidInput(
            f"The first row of {name} is longer than a megabyte.", "Check that it is a file of rows."
        )
    columns = list(dict.fromkeys(key for row in found for key in row))[:_MOST_COLUMNS]
    cells = [[cell(row.get(column)) for column in columns] for row in found]
    return Sample(form, start.encoding, columns, cells, more or not start.whole, fault)


def cell(value: Any) -> Any:
    """A value as a cell: numbers stay, all else is text of bounded length."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= MAX_CELL else shown[: MAX_CELL - 1] + "…"


def as_row(value: Any) -> Row:
    """A JSON value as a row."""
    return {str(key): item for key, item in value.items()} if isinstance(value, dict) else {"value": value}


def _form(suffixes: list[str], text: str) -> str:
    plain = [suffix for suffix in suffixes if suffix != ".gz"]
    known = {
        ".jsonl": "jsonl",
        ".ndjson": "jsonl",
        ".csv": "csv",
        ".tsv": "tsv",
        ".txt": "text",
        ".md": "text",
    }
    if plain and plain[-1] in known:
        return known[plain[-1]]
    if text.lstrip()[:1] == "[":
        return "json"
    # A file named .json often holds one object a line.
    first, _, rest = text.strip().partition("\n")
    if first[:1] == "{":
        return "jsonl" if rest and _is_json(first) else "json"
    return "json" if plain and plain[-1] == ".json" else "text"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _lines(start: Opening) -> list[str]:
    """Whole lines only."""
    lines = start.text.splitlines()
    return lines if start.whole or start.text.endswith("\n") else lines[:-1]


def _jsonl(start: Opening) -> Iterator[Row]:
    text = start.text if start.whole else start.text[: start.text.rfind("\n") + 1]
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield as_row(json.loads(line))
        except (ValueError, RecursionError):
            raise _Fault(f"Line {number} is no JSON.") from None


def _json(start: Opening) -> Iterator[Row]:
    text = start.text.lstrip()
    if not text.startswith("["):
        yield from _json_object(text, start.whole)
        return
    decoder, at, number = json.JSONDecoder(), 1, 0
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        if at >= len(text) or text[at] == "]":
            return
        number += 1
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            if start.whole:
                raise _Fault(f"Entry {number} is no JSON.") from None
            return
        yield as_row(value)


def _json_object(text: str, whole: bool) -> Iterator[Row]:
    """One object: its longest list is taken for the rows."""
    if not whole:
        raise _Fault("The file is one large object.")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise _Fault("The file is no JSON.") from None
    rows = [value]
    for item in value.values() if isinstance(value, dict) else ():
        if isinstance(item, list) and len(item) > len(rows):
            rows = item
    yield from map(as_row, rows)


def _csv(start: Opening) -> Iterator[Row]:
    first = start.text.partition("\n")[0]
    delimiter = max(",;\t|", key=first.count)
    return _table(start, delimiter)


def _tsv(start: Opening) -> Iterator[Row]:
    return _table(start, "\t")


def _table(start: Opening, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(_LONGEST_CELL)  # of the whole process, so that whoever set another has no say here
    rows = csv.reader(io.StringIO(start.text, newline=""), delimiter=delimiter)
    try:
        yield from _records(rows if start.whole else _but_last(rows))
    except csv.Error as error:
        raise _Fault(f"Line {rows.line_num} cannot be read: {error}.") from None


def _records(rows: Iterable[list[str]]) -> Iterator[Row]:
    heads: list[str] | None = None
    for row in rows:
        if heads is None:
            heads = [head or f"column {i}" for i, head in enumerate(row, 1)]
        elif row:
            names = [*heads, *(f"column {i}" for i in range(len(heads) + 1, len(row) + 1))]
            yield dict(zip(names, row, strict=False))


def _but_last(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """The last row may be cut by the end of the window."""
    before: list[str] | None = None
    for row in rows:
        if before is not None:
            yield before
        before = row


def _text(start: Opening) -> Iterator[Row]:
    lines = _lines(start) or ([start.text] if start.text else [])
    return ({"text": line} for line in lines)


_READERS = {"jsonl": _jsonl, "json": _json, "csv": _csv, "tsv": _tsv, "text": _text}
